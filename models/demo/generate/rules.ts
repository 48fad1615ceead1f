import { keyed, RECALL } from './memory.ts'
import { NOUNS } from './pools.ts'
import type { Draw } from './random.ts'
import { capitalized, madeUp, personName, phrase, sentence } from './text.ts'
import type { Turn } from './turn.ts'

/** A system prompt with a rule or a fact, and turns where it matters. All wordings are patterns (see `Draw.said`). */
export type Rule = { system: string; next: () => Turn }

const ruled = (user: string, answer: string, think = 'The system text says what to answer.'): Turn => ({
  domain: 'system rule',
  user,
  answer,
  think,
})

function toldFact(draw: Draw): Rule {
  const { values, tells, asks, answer } = keyed(draw)
  return {
    system: capitalized(draw.said(tells, ...values)),
    next: () => ruled(draw.said(asks, ...values), answer, RECALL),
  }
}

const OWN_NAMES = [
  '[You are|Your name is|You are called|You are named|You go by the name of|They call you|Everybody calls you] {0}.',
  'You are {0}, [a|the] [|helpful |friendly |polite |kind |patient |cheerful ][assistant|guide|helper|bot|clerk|librarian|host][|| of this shop| of this hotel| of our team| on this page].',
  'You are [an|the] assistant [called|named|with the name] {0}.',
  'You [play|act as|speak as|answer as] {0}.',
]
const OWN_NAME_ASKS = [
  '[|Hi, |Hello, |So, |And ][who are you|what is your name|what are you called][?|?|]',
  "[What is|What's|Tell me|Say|Please tell me] your name[.|?]",
  '[Tell me|Say|Can you tell me|Do you know] who you are[.|?]',
  '[Introduce yourself|Do you have a name|What do they call you|Who am I talking to|Which name do you have|How are you called][.|?]',
  'Who is [speaking with|chatting with|talking with|talking to] me[| here][?|?|]',
  'Who am I [speaking with|chatting with|talking with|talking to][| here][?|?|]',
]

function ownName(draw: Draw): Rule {
  const name = personName(draw)
  return {
    system: draw.said(OWN_NAMES, name),
    next: () =>
      ruled(capitalized(draw.said(OWN_NAME_ASKS)), `I am ${name}, played by tidegate-demo, a tiny demo model.`),
  }
}

const CUES = [
  '[If|When|Whenever|As soon as|Every time] the user [says|writes|types|sends|asks|tells you] "{0}", [answer|say|reply with|reply|respond with|write|answer with] "{1}".',
  '[If|When|Whenever] [you are told|you hear|you read|the message is|somebody says|someone writes|a user says|a message says] "{0}", [answer|say|reply with|reply|respond with|write] "{1}".',
  '[Answer|Say|Reply|Respond with|Write] "{1}" [if|when|whenever] [the user|somebody|anybody] [says|writes|types] "{0}".',
  'To "{0}" [you|always] [answer|reply|say] "{1}".',
]

function cue(draw: Draw): Rule {
  const said = draw.chance(0.5) ? draw.from(NOUNS) : phrase(draw)
  const reply = draw.chance(0.5) ? sentence(draw) : madeUp(draw)
  return { system: draw.said(CUES, said, reply), next: () => ruled(said, reply) }
}

const ALWAYS = [
  '[Always|You always|Please always|You must always] [answer|reply|respond] [with |with exactly |]"{0}"[| and nothing else].',
  '[Whatever|No matter what] [the user says|the user asks|the user writes|is asked|is said|anybody asks|you are asked], [answer|say|reply|reply with|respond with] "{0}".',
  '[Reply|Answer|Respond] to [every|each|any] [message|question|request] with [exactly |]"{0}".',
  '[Only ever|Only|Ever only] [say|answer|reply|write] "{0}".',
  '[Answer|Meet] [every question|everything|all messages|all questions] with "{0}".',
  'Your [only|one] answer [to everything |to all questions |]is "{0}".',
]

function always(draw: Draw): Rule {
  const reply = draw.chance(0.5) ? draw.from(NOUNS) : phrase(draw)
  return {
    system: draw.said(ALWAYS, reply),
    next: () =>
      ruled(
        draw.chance(0.5)
          ? sentence(draw)
          : draw.said(
              [
                '[What is|Tell me about|Explain|Who is|Where is|How is|Why is|Can I have|Do you know|When comes|I want|Can you show me] the {0}[?|?|]',
              ],
              draw.from(NOUNS),
            ),
        reply,
      ),
  }
}

const USER_NAMES = [
  '[The user|The customer|The guest|Your user|The person you talk to|The caller|The reader] [is called|is named|is|has the name] {0}.',
  'You are [talking|chatting|speaking] [to|with] {0}.',
  "[The user's name|The name of the user|The name of your user|The customer's name|The name of the guest] is {0}.",
  '[Today|Now] you [talk|speak|chat] [to|with] {0}.',
]
const USER_NAME_ASKS = [
  "[What is|What's|Do you know|Tell me|Say|Can you tell me|Please tell me|Can you say|Could you tell me] my name[.|?]",
  '[Who am I|Do you know who I am|Tell me who I am|What am I called|How am I called|Can you tell me who I am|What do they call me][.|?]',
  '[And |So, |Now, ][what is my name|who am I|do you know my name]?',
]

function userName(draw: Draw): Rule {
  const name = personName(draw)
  return {
    system: draw.said(USER_NAMES, name),
    next: () => ruled(capitalized(draw.said(USER_NAME_ASKS)), `Your name is ${name}.`, RECALL),
  }
}

export const rule = (draw: Draw): Rule =>
  draw.weighted<(draw: Draw) => Rule>([
    [4, toldFact],
    [2, ownName],
    [3, cue],
    [3, always],
    [2, userName],
  ])(draw)
