/** What the payload of a columnar chunk begins with: magic byte, tag, version, zero. */
export const COLUMNS_HEAD = Uint8Array.of(0xb7, 2, 1, 0)
