import { jsonText } from '../json-text.ts'
import { done, type Family, type Outcome, text, told } from '../kit.ts'
import { COLORS } from '../pools.ts'
import type { Draw } from '../random.ts'
import { capitalized, cityName, someDate, someFile, word } from '../text.ts'

const ROOMS =
  'kitchen,bedroom,bathroom,office,garage,hall,living room,cellar,attic,garden,nursery,library,dining room,studio,workshop,balcony,corridor,basement,guest room,laundry room,porch,pantry,lobby,shed,playroom,terrace,study,staircase,gallery,closet'.split(
    ',',
  )

export const light: Family = (draw) => {
  const x = draw.pick('room light device place where lamp area name'.split(' '))
  const y = draw.pick('on state enabled active power switched_on lit'.split(' '))
  const hue = draw.chance(0.25)
  const colors = draw.shuffled(COLORS).slice(0, 5)
  return {
    names: hue
      ? [
          '[set|change|pick|switch|choose|turn]_[light|lamp|room|bulb]_[color|colour|hue]',
          '[light_color|color_lamp|set_color|paint_light|change_color|lamp_hue|colored_light|set_hue]',
        ]
      : [
          '[set|switch|toggle|turn|control|change|flip]_[light|lights|lamp|room_light|bulb|lighting][||||_state|_on_off|_now]',
          '[light|smart_light|lamp_switch|light_switch|home_light|lights|light_control]',
        ],
    about: hue
      ? ['[Set|Change|Choose|Pick|Sets] the color of [a light|a lamp|the light in a room|the lights|a bulb][||.]']
      : ['[Turn|Switch|Turns|Switches] [a light|the light|lights|a lamp|the light of a room] on [or|and] off[||.]'],
    properties: hue
      ? { [x]: text(draw, ['Which room']), color: { type: 'string', enum: colors } }
      : { [x]: text(draw, ['Which room']), [y]: { type: 'boolean' } },
    ask: () => {
      const room = draw.chance(0.85) ? draw.from(ROOMS) : word(draw)
      if (hue) {
        const color = draw.pick(colors)
        const user = draw.said(
          [
            '[Make|Turn|Set|Switch] the [light|lights|lamp] in the {0} [|to ]{1}.',
            '[Set|Change|Switch|Turn] the {0} [light|lamp|lights] to {1}[||.]',
            '{2} light in the {0}[| please|, please].',
            '[I want|I need|Give me|We want|I would like] {1} light in the {0}.',
            '[Make|Turn] the {0} [light|lamp|lights] {1}[||.]',
            'The [light|lamp] in the {0} [should be|must be|has to be] {1}.',
          ],
          room,
          color,
          capitalized(color),
        )
        return { user, args: { [x]: room, color } }
      }
      const on = draw.chance(0.5)
      const user = draw.said(
        [
          '[Turn|Switch|Put] {0} the [light|lights|lamp|lamps] in the {1}[||.]',
          '[Turn|Switch|Put] the {1} [light|lights|lamp] {0}[||.]',
          '[Light|Lights|Lamp] {0} in the {1}[| please|, please][|.]',
          '{1} [light|lights|lamp] {0}[| please]',
          '[Turn|Switch|Put] the [light|lights|lamp] in the {1} {0}[||.]',
          'The [light|lights|lamp] in the {1} should be {0}.',
          'I [want|need|would like] the {1} [light|lights|lamp] {0}.',
        ],
        on ? 'on' : 'off',
        room,
      )
      return { user, args: { [x]: room, [y]: on } }
    },
    outcome: () => ({ content: done(draw), answer: 'Done. The light is set.' }),
  }
}

type Bare = {
  names: readonly string[]
  about: readonly string[]
  ways: readonly string[]
  outcome: (draw: Draw) => Outcome
}

/** Tools that need no argument. */
const bare: readonly Bare[] = [
  {
    names: [
      '[get|show|fetch|check|read|tell]_[date|today|current_date|day|todays_date][||||_now|_info]',
      '[today|current_date|date|what_day|calendar_date|date_today]',
    ],
    about: ["[Returns|Gets|Tells|Shows|Get|Tell|Show] [the current date|the date|today's date|which day it is][||.]"],
    ways: [
      "[What is|What's|Tell me|Give me|Show me|I need] [the date|today's date|the current date|the date of today|the date today][|?|.]",
      '[Which|What] [date|day] [is it|is it today|is today|do we have|do we have today]?',
      '[Tell me|Do you know|Can you tell me] [what|which] [date|day] it is[| today].',
      '[date|date please|the date|current date|todays date]',
    ],
    outcome: (draw) => {
      const d = someDate(draw)
      return { content: told(draw, d, ['date', 'today', 'day', 'current_date']), answer: `The date is ${d}.` }
    },
  },
  {
    names: [
      '[get|show|fetch|check|find|read]_[location|position|my_location|user_location|place_of_user][||||_now|_info]',
      '[where_am_i|current_location|locate|my_location|locate_user|gps|gps_position]',
    ],
    about: [
      '[Returns|Gets|Finds|Tells|Get|Find|Show] [the location|the position|the current location|the place] of the user[||.]',
      'Where the user is[||.]',
    ],
    ways: [
      'Where am I[|| now| right now| at the moment]?',
      "[What is|What's|Find|Show me|Get|Tell me|Look up|I need] my [location|position|current location|current position][|?|.]",
      '[Tell me|Find out|Can you see|Do you know|Look up] where I am[|| now| right now].',
      '[Which|What] [city|place|town] am I in[|| now| right now]?',
      '[Locate me|locate me|my location|find me][||.| please]',
    ],
    outcome: (draw) => {
      const c = cityName(draw)
      return { content: told(draw, c, ['location', 'city', 'place', 'position', 'town']), answer: `You are in ${c}.` }
    },
  },
  {
    names: [
      '[list|show|get|read|see|display]_[files|all_files|folder|directory|documents][||||_here|_now|_list]',
      '[ls|files|dir|file_list|directory|all_files|folder_content]',
    ],
    about: [
      '[Lists|Shows|Returns|List|Show|Get] [the files|all files|the names of the files|the documents][||| in the folder| of the folder| here| in the directory][||.]',
    ],
    ways: [
      '[List|Show|Show me|Give me|Tell me|Print] [the|all|my|all the|all my] files[|| here| in the folder| in this folder][||.]',
      '[Which|What] files [are there|are here|do I have|do we have|are in the folder|can you see]?',
      '[What is|What do I have|What do we have] in [the|this|my] folder?',
      '[list files|files please|all files|show files]',
    ],
    outcome: (draw) => {
      const f = draw.times(draw.int(1, 4), () => someFile(draw))
      return {
        content: draw.chance(0.5) ? f.join('\n') : jsonText({ files: f }),
        answer: `The files are: ${f.join(', ')}`,
      }
    },
  },
  {
    names: [
      '[roll|throw|cast|toss]_[dice|die|a_dice|the_dice][||||_now]',
      '[get|make|draw|pick]_[random|random_number|a_random_number|dice_roll]',
      '[random_number|dice|roll|random|dice_roller|lucky_number]',
    ],
    about: ['[Rolls|Throws|Roll|Throw] [a dice|the dice|dice][||.]', '[Returns|Gives|Draws|Draw] a random number[||.]'],
    ways: [
      '[Roll|Throw|Toss|Cast] [a dice|the dice|a die][| for me| for us| once][|.|!]',
      '[Give me|I want|I need|Pick|Draw|Get me|Choose|Tell me] a random number[|.]',
      '[roll dice|dice please|random number|roll]',
    ],
    outcome: (draw) => {
      const n = draw.int(1, 20)
      return { content: told(draw, n, ['number', 'value', 'roll', 'dice', 'random']), answer: `The number is ${n}.` }
    },
  },
]

export const noArguments: Family = (draw) => {
  const { names, about, ways, outcome } = draw.pick(bare)
  return {
    names,
    about,
    properties: {},
    ask: () => ({ user: draw.said(ways), args: {} }),
    outcome: () => outcome(draw),
  }
}
