import { Tile, Tiles } from '../../components/tile.tsx'
import { useFormat } from '../../lib/format.ts'
import { microOf } from '../../lib/money.ts'
import { sum } from '../../lib/series.ts'
import { useMessages } from '../../messages/messages.ts'
import type { UsageAnswer } from './usage.tsx'

/** What the whole time came to. */
export function UsageTiles({ usage: { series, currency } }: { readonly usage: UsageAnswer }) {
  const t = useMessages()
  const { count, rough, percent, money, roughMoney, ms } = useFormat()
  const totals = series.map(({ total }) => total)
  const of = (pick: (total: (typeof totals)[number]) => number) => sum(totals.map(pick))
  const requests = of((total) => total.requests)
  const errors = of((total) => total.errors)
  const input = of(({ tokens }) => tokens.input)
  const cost = totals.reduce((all, total) => all + (microOf(total.cost) ?? 0n), 0n)
  const alone = totals.length === 1 ? totals[0] : undefined
  return (
    <Tiles>
      <Tile label={t.common.requests} value={count(requests)} />
      <Tile
        label={t.usage.input}
        value={rough(input)}
        hint={t.usage.cacheShare(
          percent(
            of(({ tokens }) => tokens.cachedInput),
            input,
          ),
        )}
      />
      <Tile
        label={t.usage.output}
        value={rough(of(({ tokens }) => tokens.output))}
        hint={t.requests.reasoningTokens(rough(of(({ tokens }) => tokens.reasoning)))}
      />
      <Tile
        label={t.common.cost}
        value={<span title={money(decimal(cost), currency)}>{roughMoney(decimal(cost), currency)}</span>}
      />
      <Tile label={t.usage.errorsTitle} value={count(errors)} hint={t.usage.errorShare(percent(errors, requests))} />
      {typeof alone?.firstTokenP50 === 'number' && (
        <Tile
          label={t.usage.firstTokenTitle}
          value={ms(alone.firstTokenP50)}
          hint={alone.firstTokenP95 === null ? undefined : t.overview.p95(ms(alone.firstTokenP95))}
        />
      )}
    </Tiles>
  )
}

const decimal = (micro: bigint): string => `${micro / 1_000_000n}.${(micro % 1_000_000n).toString().padStart(6, '0')}`
