/** Loaded before everything else in the service that is photographed: its clock stands still at the time of the scene. */
const now = Number(process.env.TIDEGATE_SCENE_AT)
const RealDate = Date

globalThis.Date = class extends RealDate {
  constructor(...moment: readonly [] | readonly [number | string | Date]) {
    super(...((moment.length === 0 ? [now] : moment) as [number]))
  }
  static override now(): number {
    return now
  }
} as DateConstructor
