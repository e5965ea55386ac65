// An exact decimal: unscaled * 10^-scale, as java.math.BigDecimal. Any thread.

export class Decimal {
  readonly unscaled: bigint
  readonly scale: number

  constructor(unscaled: bigint, scale: number) {
    this.unscaled = unscaled
    this.scale = scale
  }
}

/**
 * A double that schemaless data must tell from an integer of the same value: Java keeps 1.0 (Double) and 1 (Long) apart, a JS
 * number cannot. Converters make one only when a double's value is integral (1.0, 1e3, -0.0); every other double is a number.
 */
export class Float64 {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }

  valueOf(): number {
    return this.value
  }
}
