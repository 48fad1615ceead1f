/** Money and prices as integers: nothing here ever rounds twice. */
import type { Usage } from '../completion/usage.ts'

/** Whole millionths of the currency's unit. */
export type Micro = bigint

const million = 1_000_000n

/** What a model's tokens cost from a moment on: each rate in micro-units for a million tokens. Reasoning counts as output. */
export interface Price {
  readonly id: string
  readonly model: string
  /** ISO 4217, e.g. `USD`. */
  readonly currency: string
  /** Milliseconds since 1970. */
  readonly validFrom: number
  readonly input: Micro
  readonly cachedInput: Micro
  readonly output: Micro
}

export type Rates = Pick<Price, 'input' | 'cachedInput' | 'output'>

/** @returns the whole cost, rounded once, half up */
export function costOf(usage: Usage, { input, cachedInput, output }: Rates): Micro {
  const cached = BigInt(Math.min(usage.cachedTokens, usage.promptTokens))
  const fresh = BigInt(usage.promptTokens) - cached
  const exact = fresh * input + cached * cachedInput + BigInt(usage.completionTokens) * output
  return (exact + million / 2n) / million
}

/** The most that an answer can cost: nothing of the prompt is cached, and every token of the limit is used. */
export const ceilingOf = (promptTokens: number, maxTokens: number, rates: Rates): Micro =>
  (BigInt(promptTokens) * max(rates.input, rates.cachedInput) + BigInt(maxTokens) * rates.output + million - 1n) /
  million

/** How many output tokens an amount buys behind a prompt; 0 if not even the prompt can be paid. Never more than `maxTokens`. */
export function affordable(amount: Micro, promptTokens: number, maxTokens: number, rates: Rates): number {
  // What costs nothing is open to who owes.
  if (ceilingOf(promptTokens, maxTokens, rates) === 0n) return maxTokens
  const left = amount * million - BigInt(promptTokens) * max(rates.input, rates.cachedInput)
  if (left < rates.output) return rates.output === 0n && left >= 0n ? maxTokens : 0
  const tokens = rates.output === 0n ? BigInt(maxTokens) : left / rates.output
  return Number(tokens < BigInt(maxTokens) ? tokens : BigInt(maxTokens))
}

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b)

/** A decimal of the configuration, such as 0.0028, as micro-units. */
export const microOf = (amount: number): Micro => BigInt(Math.round(amount * 1_000_000))

/** @returns e.g. `-0.001234`; always six places, so that columns line up and nothing is lost */
export function decimalOf(amount: Micro): string {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(7, '0')
  return `${amount < 0n ? '-' : ''}${digits.slice(0, -6)}.${digits.slice(-6)}`
}

/** What an operator writes: digits, and up to six of them behind a point. @returns undefined for anything else */
export function parseAmount(text: string): Micro | undefined {
  const found = /^(-?)(\d{1,12})(?:\.(\d{1,6}))?$/.exec(text)
  if (!found) return undefined
  const [, sign, whole = '', part = ''] = found
  const amount = BigInt(whole) * million + BigInt(part.padEnd(6, '0'))
  return sign ? -amount : amount
}
