/** A part of a URL in plain text; with a broken escape it stays as it is. */
export const unescaped = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
