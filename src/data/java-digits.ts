// Digits of other alphabets, which Java's number parsers take as well. Any thread.

const NOT_ASCII = /[^\0-\x7f]/
const DIGIT = /\p{Nd}/u
/** Those outside of the basic plane are none to Java's parsers, which read UTF-16 units. */
const DIGITS = /(?![\u{10000}-\u{10ffff}])\p{Nd}/gu

/** Digits of all alphabets as 0-9, as Java's parsers of whole numbers and decimals read them (but not Double.parseDouble). */
export function asciiDigits(text: string): string {
  if (!NOT_ASCII.test(text)) return text
  return text.replace(DIGITS, digit => {
    const code = digit.charCodeAt(0)
    // A run of ten begins at a code that ends in 0 or in 6.
    const isFromZero = DIGIT.test(String.fromCharCode(code & ~15))
    return String((code & 15) - (isFromZero ? 0 : 6))
  })
}
