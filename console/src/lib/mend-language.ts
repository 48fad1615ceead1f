/**
 * Browsers under the C locale call their language `en-US@posix`, which `Intl` refuses; uPlot asks `Intl` for it while it is being
 * loaded, and no page with a chart would come up. To be called before that.
 */
export function mendLanguage(): void {
  try {
    new Intl.NumberFormat(navigator.language)
  } catch {
    Object.defineProperty(navigator, 'language', { value: 'en-US', configurable: true })
  }
}
