/**
 * Tokens that mark thinking and calls. Some models declare them as control tokens; to us they are text of the answer, from which
 * the parser makes reasoning and calls.
 */
export const isMarker = (token: string): boolean => /^<\/?(?:think|tool_call)>$|DSML/.test(token)
