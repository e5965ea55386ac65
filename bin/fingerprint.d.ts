// Types of fingerprint.js, for scripts and tests.
export function fingerprint(root: string): string
