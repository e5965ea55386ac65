// A number of a JSON text that JavaScript would write otherwise, or not exactly: `1.50`, `1e2`, an integer beyond 15 digits. Any thread.

export class NumberText {
  readonly text: string

  /** @param text as it stood in the JSON */
  constructor(text: string) {
    this.text = text
  }
}
