import { type AliasedRawBuilder, sql } from 'kysely'

/** A column of amounts as text: a number of JavaScript does not hold every one of them. */
export const wholeOf = <Name extends string>(column: Name): AliasedRawBuilder<string, Name> =>
  sql<string>`cast(${sql.ref(column)} as text)`.as(column)
