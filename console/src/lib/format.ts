import { useMemo } from 'react'
import { useSpeech } from '../messages/messages.ts'
import { money, rate, roughMoney } from './money.ts'
import { count, duration, percent, roughCount, speed } from './numbers.ts'
import { ago, clock, day, moment } from './time.ts'

/** All that is shown of numbers, money and times, in the language of the page. */
export function useFormat() {
  const { language, t } = useSpeech()
  return useMemo(
    () => ({
      money: (amount: string, currency: string) => money(amount, currency, language),
      rate: (amount: string, currency: string) => rate(amount, currency, language),
      roughMoney: (amount: string | number, currency: string) => roughMoney(amount, currency, language),
      count: (value: number) => count(value, language),
      rough: (value: number) => roughCount(value, language),
      percent: (part: number, whole: number) => percent(part, whole, language),
      ms: (value: number) => duration(value, language),
      speed: (value: number) => speed(value, language),
      moment: (at: string) => moment(at, language),
      clock: (at: string) => clock(at, language),
      day: (at: string, zone?: string) => day(at, language, zone),
      ago: (at: string) => ago(at, Date.now(), language, t.common.justNow),
    }),
    [language, t],
  )
}
