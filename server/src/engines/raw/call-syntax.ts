/** How a family of models writes tool calls: the markers that prompt, grammar and parser share. */
export interface CallSyntax {
  readonly name: 'dsml' | 'hermes'
  /** What opens the call block (dsml) or each call (hermes): the cue after which the grammar rules. */
  readonly open: string
  readonly close: string
}

/**
 * DeepSeek V4: one block of `invoke` elements with `parameter` elements (contract, section 19). `string="true"` parameters hold raw
 * text, `string="false"` ones JSON; nothing inside is escaped.
 */
export const dsml: CallSyntax = { name: 'dsml', open: '<｜DSML｜tool_calls>', close: '</｜DSML｜tool_calls>' }

/** Hermes, Qwen and many others: `<tool_call>{"name": …, "arguments": {…}}</tool_call>`, one element a call. */
export const hermes: CallSyntax = { name: 'hermes', open: '<tool_call>', close: '</tool_call>' }
