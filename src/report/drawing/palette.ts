/**
 * Colours of sizes: from dark blue to light yellow, even in lightness. The red-green axis of OKLab stays at zero all the
 * way, so that nobody's eyes miss a difference.
 */

const DARK = { lightness: 0.24, blueYellow: -0.085 }
const LIGHT = { lightness: 0.93, blueYellow: 0.13 }

const gamma = (linear: number): number => {
  const bounded = Math.min(1, Math.max(0, linear))
  const value = bounded <= 0.0031308 ? bounded * 12.92 : 1.055 * bounded ** (1 / 2.4) - 0.055
  return Math.round(value * 255)
}

/** Red, green, blue: 0 … 255 each. */
export type Colour = readonly [number, number, number]

/** `share`: 0 is the darkest, 1 the lightest. */
export const colourOf = (share: number): Colour => {
  const lightness = DARK.lightness + (LIGHT.lightness - DARK.lightness) * share
  const blueYellow = DARK.blueYellow + (LIGHT.blueYellow - DARK.blueYellow) * share
  // OKLab with a = 0 to linear sRGB.
  const long = (lightness + 0.2158037573 * blueYellow) ** 3
  const middle = (lightness - 0.0638541728 * blueYellow) ** 3
  const short = (lightness - 1.291485548 * blueYellow) ** 3
  return [
    gamma(4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short),
    gamma(-1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short),
    gamma(-0.0041960863 * long - 0.7034186147 * middle + 1.707614701 * short),
  ]
}

/** Of what rests: `share` as above; the darkest stands out from nothing, which is `colourOf(0)`. */
export const restingColour = (share: number): Colour => colourOf(0.1 + 0.9 * share)

/** `#1a2b3c` */
export const hexOf = (colour: Colour): string =>
  `#${colour.map((part) => part.toString(16).padStart(2, '0')).join('')}`
