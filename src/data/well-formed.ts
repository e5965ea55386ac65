// Text as Java's encoders take it. Task threads; used by converters and by what writes text to files.

/** Surrogates without their pair, which no encoding can hold, become '?'. */
export const wellFormed = (text: string): string =>
  text.isWellFormed() ? text : text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '?')
