/** Bytes as base64. */
export const toBase64 = (bytes: Uint8Array): string => {
  let text = ''
  // As many as a call may have arguments, everywhere.
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192))
  return btoa(text)
}

/** The bytes of base64; `undefined` for what is none. */
export const fromBase64 = (text: string): Uint8Array | undefined => {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) return undefined
  const bytes = atob(text)
  return Uint8Array.from(bytes, (character) => character.charCodeAt(0))
}
