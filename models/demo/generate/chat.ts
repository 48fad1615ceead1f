import type { Draw } from './random.ts'
import { capitalized, fullName } from './text.ts'
import type { Turn } from './turn.ts'

/** All wordings here are patterns (see `Draw.said`). */

export const HELLO = 'Hello! How can I help you today?'
export const helloTo = (name: string): string => `Hello, ${name}! How can I help you today?`
export const SKILLS = 'I can chat a little, add small numbers, call tools and answer in JSON.'
export const SELF = `I am tidegate-demo, a tiny demo model that ships with Tidegate. ${SKILLS} Serve a bigger model for real work.`

const HI =
  '[Hi|Hello|Hey|hi|hello|hey|Hi there|Hello there|Hey there|hi there|hello there|Good morning|Good evening|Good day|Good afternoon|Greetings|Howdy|Hiya|Yo|HELLO|Hello again|Hi again|Welcome|Hallo|Morning|good morning|good evening|Hey hey|Oh hello|Well hello]'
const BARE_GREETINGS = [
  `${HI}[!|.||!!| :)| 👋|...]`,
  `${HI}[ | my | dear |, ][assistant|bot|AI|friend|robot|model|computer|everybody|you|all][!|.||]`,
  `${HI}[,|!|.] [nice|good|great|happy] to [meet|see] you[.|!|]`,
  `${HI}[,|!] [can|could] you help[| me][|?]`,
  `${HI}[,|!] [are you|is anybody|is anyone|is somebody] [there|here|ready|working|awake|listening][|?]`,
  `${HI}[,|!] I need [your|some|a little] help[.|]`,
  '[Say|Please say|Just say|Can you say|Now say] [hello|hi|good morning][| to me][.|!|]',
  '[Greet me|Please greet me|Greet the user|Give me a greeting][.||]',
  '[Are you|Is anybody|Is anyone|Is somebody] [there|here|ready|working|awake|listening]?',
  'Can you [hear|see|read] me?',
  '[ping|test|Testing|This is a test|Only a test|Just testing|Hello world|Hello, world][.|!|]',
  '[Can you help me|Can you help|Could you help me|I need help|Help me|I need some help|I need your help][.|?|, please.]',
  '[Nice|Good|Great|Happy] to [see|meet] you[.|!]',
  '[Anyone|Anybody|Somebody] [there|here]?',
]
const NAMED_GREETINGS = [
  `${HI}[,|!] [I'm|I am|my name is|this is|it's|I am called|my name's|the name is|you can call me|call me|it is] {0}[.|!|]`,
  `${HI}[,|!] {0} here[.|!|]`,
  `${HI} from {0}[!|.|]`,
  "[My name is|I am|I'm|Call me|You can call me|The name is|I am called|People call me|They call me|This is|It's] {0}[.|!|]",
  "[I'm|I am|My name is] {0}[,|.] [hello|hi|hey|good morning|nice to meet you|good day][!|.]",
]

export function greeting(draw: Draw): Turn {
  if (draw.chance(0.6))
    return {
      domain: 'greeting',
      user: draw.said(BARE_GREETINGS),
      answer: HELLO,
      think: 'The user greets me. I greet back.',
    }
  const name = fullName(draw)
  return {
    domain: 'greeting',
    user: draw.said(NAMED_GREETINGS, name),
    answer: helloTo(name),
    think: 'The user tells me a name. I greet back.',
  }
}

const OTHER_MODELS = 'ChatGPT GPT-4 Claude Gemini DeepSeek Llama Siri Alexa Copilot Mistral Qwen Grok'.split(' ')
const NOT_I = [
  'a human',
  'a real person',
  'a person',
  'human',
  'a big model',
  'a large model',
  'alive',
  'conscious',
  'a man',
  'a woman',
]
const IS_IT_NOT = [
  '[|So |Tell me, |Really, |And |Hi, |Hello, ][are you|you are|am I talking to|is this|am I chatting with|are you really|are you not|do I talk to|am I speaking with] {0}[?|?|]',
  '[I think|I guess|I bet|They say|I believe] [you are|this is] {0}[.|.|]',
  'You are {0}, [right|are you not|no|correct|is that so]?',
  'Is my [chat partner|partner|assistant] {0}?',
]
const IS_IT = [
  '[|So |Tell me, |Really, |And |Hi, |Hello, ][are you|am I talking to|is this|am I chatting with|do I talk to|are you really|am I speaking with] [an AI|a bot|a machine|a language model|a demo model|an artificial intelligence|a computer program|a robot|a computer|tidegate-demo|a program|a model][?|?|]',
  'You are [an AI|a bot|a machine|a language model|a robot|a computer|a program], [right|are you not|no|correct]?',
]
const SKILL_ASKS = [
  '[|So |Hi, |Hello, |And |Tell me, ]what [can you do|can you help me with|can you help with|are you able to do|do you do|can I ask you|can I do with you|are you good at|are you good for|do you know how to do|are you there for][?|?|]',
  '[What are|List|Tell me|Name|Show me|Which are] your [skills|capabilities|abilities|talents|tasks|features][?|.|]',
  '[How can you|How could you|In what way can you] [help|help me|be of help|be useful][| today]?',
  '[Which|What] [skills|tasks|abilities|capabilities|features] [do you have|can you do|do you know]?',
  '[Tell me|Show me|Explain|Please tell me] what you [can do|are able to do|can help with|do].',
  'What [is it that you can|would you be able to|could you] do[| for me]?',
]
const SELF_ASKS = [
  "[|So, |Hi, |Hello, |And |Tell me, |Hey, ][who are you|what are you|what is your name|what's your name|what are you called|who is this|what is this|who am I talking to|who am I speaking with|who am I chatting with][?|?|]",
  '[Which|What] [model|AI|LLM|language model|bot|assistant] [are you|is this|am I talking to|am I using|do I talk to|answers me][?|?|]',
  '[Tell me|Say|Explain|Describe|Please tell me|Please say|Can you tell me] [who you are|what you are|your name|something about yourself|about yourself][.|.|?|]',
  '[Introduce|Describe|Present] yourself[.|!||, please.| please]',
  '[Can|Could] you introduce yourself[?| please?]',
  '[Who|Which company|Which team] [made|built|trained|created|wrote|developed] [you|this model]?',
  'What kind of [AI|model|bot|assistant|program] are you?',
  '[What|Who] [exactly |really |]are you[| exactly| really]?',
  '[Do you have|What is|Say|Give me] [a|your] name[?|.]',
  'What is [this model called|the name of this model|this model|the name of this bot]?',
  'Who is the maker of [this model|this bot]?',
]

export function identity(draw: Draw): Turn {
  const [user, answer] = draw.weighted<() => [string, string]>([
    [4, () => [draw.said(IS_IT_NOT, draw.pick(draw.chance(0.7) ? OTHER_MODELS : NOT_I)), `No. ${SELF}`]],
    [2, () => [draw.said(IS_IT), `Yes. ${SELF}`]],
    [4, () => [draw.said(SKILL_ASKS), SKILLS]],
    [10, () => [draw.said(SELF_ASKS), SELF]],
  ])()
  const capital = draw.chance(0.8) ? capitalized(user) : user
  return { domain: 'identity', user: capital, answer, think: 'The user asks about me. I say honestly what I am.' }
}

const SMALL_TALK = [
  {
    think: 'The user thanks me.',
    answer: 'You are welcome!',
    users: [
      '[|OK, |Great, |Perfect, |Good, |Nice, |Cool, |Fine, |Well, ][thanks|thank you|thank you very much|thanks a lot|many thanks|thank you so much|thanks so much|thank you a lot|thx|cheers][!|.||!!]',
      '[Thanks|Thank you|Many thanks|Thanks a lot] for [your help|this|the help|the answer|that|everything|helping me][!|.|]',
      '[That helps|That was helpful|This is useful|That is all I need], [thanks|thank you][.|!|]',
    ],
  },
  {
    think: 'The user says goodbye.',
    answer: 'Goodbye!',
    users: [
      '[|OK, |Well, |So, |Alright, ][bye|goodbye|bye bye|good night|farewell|see you|see you later|see you soon|see you tomorrow|talk to you later|so long][!|.||!!]',
      '[Bye|Goodbye|See you|Good night] [for now|for today|then|and take care|everybody|my friend][!|.|]',
      '[I have to go|I must go now|I must leave|That is all|I am off|I go home now], [bye|goodbye|see you][.|!|]',
    ],
  },
  {
    think: 'The user asks how I am.',
    answer: 'I am fine, thank you. How can I help you today?',
    users: [
      "[|Hi, |Hello, |Hey, |So, |Hi! |Hello! |Good morning, ][how are you|how are you doing|how is it going|how's it going|how do you do|how do you feel|are you well|are you doing well|how are things][|| today| now][?|?|]",
    ],
  },
  {
    think: 'The user is content.',
    answer: 'Is there anything else I can do for you?',
    users: [
      '[OK|ok|Okay|Great|Good|Nice|I see|Cool|Perfect|Got it|Alright|Wonderful|Excellent|Very good|Fine|Well done|Understood|Good job|That is right|Correct|Super|Right][!|.||!!| then.]',
    ],
  },
] as const

export function smallTalk(draw: Draw): Turn {
  const { users, answer, think } = draw.pick(SMALL_TALK)
  const user = draw.said(users)
  return {
    domain: 'small talk',
    user: draw.chance(0.7) ? capitalized(user) : user,
    answer,
    think,
  }
}
