import { isMarker } from '../raw/markers.ts'

/** What control tokens look like in the families that there are: `<|…|>`, `<｜…｜>`, `<tag>`, `[INST]`, `<<SYS>>`, `｜DSML｜`. */
const looks: readonly RegExp[] = [
  /<[|｜][^<>|｜\s]{1,64}[|｜]>/g,
  /<\/?[A-Za-z][\w.:-]{0,63}>/g,
  /\[\/?[A-Z][A-Z_]{1,31}\]/g,
  /<<\/?[A-Z]+>>/g,
  /(?<!<\/?)[|｜][A-Z]{2,16}[|｜]/g,
]

/** Not every token stands in its model's template: these are looked for in any case. */
const known: readonly string[] = [
  '<s> </s> <unk> <pad> <bos> <eos> <mask> <start_of_turn> <end_of_turn> <think> </think> <tool_call> </tool_call>',
  '<tool_response> </tool_response> <tool_calls> </tool_calls> [INST] [/INST] [TOOL_CALLS] [TOOL_RESULTS] [/TOOL_RESULTS]',
  '[AVAILABLE_TOOLS] [/AVAILABLE_TOOLS] [SYSTEM_PROMPT] [/SYSTEM_PROMPT] <|im_start|> <|im_end|> <|endoftext|> <|fim_prefix|>',
  '<|fim_middle|> <|fim_suffix|> <|fim_pad|> <|begin_of_text|> <|end_of_text|> <|start_header_id|> <|end_header_id|>',
  '<|eot_id|> <|eom_id|> <|python_tag|> <|user|> <|assistant|> <|system|> <|end|> <|start|> <|message|> <|channel|>',
  '<|return|> <|call|> <|constrain|> <|observation|> <|tool|> <｜begin▁of▁sentence｜> <｜end▁of▁sentence｜> <｜User｜>',
  '<｜Assistant｜> <｜System｜> <｜tool▁calls▁begin｜> <｜tool▁calls▁end｜> <｜tool▁call▁begin｜> <｜tool▁call▁end｜>',
  '<｜tool▁sep｜> <｜tool▁outputs▁begin｜> <｜tool▁outputs▁end｜> <｜tool▁output▁begin｜> <｜tool▁output▁end｜> ｜DSML｜',
].flatMap((line) => line.split(' '))

/** @returns texts that may be control tokens of the model with this template; the server knows which of them are */
export const candidatesIn = (template: string): readonly string[] => [
  ...new Set([...looks.flatMap((look) => template.match(look) ?? []), ...known]),
]

/** Whether a text that is one token is a control token, as far as its looks tell: tags that a model may write as text are none. */
export const looksLikeControl = (text: string): boolean =>
  !isMarker(text) &&
  (/^(?:<[|｜]|\[|<<)/.test(text) || /^<\/?(?:s|unk|pad|bos|eos|mask|start_of_turn|end_of_turn)>$/.test(text))
