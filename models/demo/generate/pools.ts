/** Material: lists of words only, no logic. Every sixth entry is held out (see random.ts). */
const words = (text: string): readonly string[] => text.trim().split(/\s+/)
const phrases = (text: string): readonly string[] => text.trim().replace(/\s+/g, ' ').split('; ')

export const NAMES = words(`
  Alice Bob Carol David Emma Frank Grace Henry Irene Jack Karen Liam Maria Noah Olivia Peter Quinn Rosa Sam Tina Uma
  Victor Wendy Xavier Yara Zoe Ahmed Bella Chen Diego Elena Farid Gita Hugo Ines Jonas Kira Leo Mina Nils Omar Priya Ravi
  Sofia Tom Ursula Vera Walter Yuki Zara Anna Ben Clara Dan Eva Felix Hana Ivan Julia Kai Lena Max Nora Oscar Paul Rita
  Simon Tara Aaron Beatrice Cedric Daphne Edgar Fiona Gustav Helga Isaac Jasmine Keith Laura Mateo Nadia Otto Pablo Rachel
  Stefan Theo Ulla Vincent Willow Yusuf Zelda Amara Bruno Chiara Dmitri Esther Florian Greta Hassan Ingrid Javier Katya
  Lorenzo Mei Nikolai Oksana Pedro Rashid Svetlana Tariq Uwe Valentina Wanda Ximena Yannick Zainab Arthur Bridget Caleb
  Dolores Ethan Francesca Gabriel Harriet Ian Joanna Kevin Lucas Megan Nathan Ophelia Patrick Rebecca Samuel Teresa Adele
  Boris Celine Derek Eliza Fred Gina Hector Iris Joel Kurt Linda Marcus Naomi Oliver Penny Ralph Stella Toby Agnes Barry
  José Zoë Jürgen Łukasz André Björn Chloé Søren Renée Müller`)

export const CITIES = phrases(`
  Paris; London; Berlin; Madrid; Rome; Vienna; Prague; Oslo; Dublin; Lisbon; Athens; Warsaw; Budapest; Helsinki;
  Stockholm; Copenhagen; Amsterdam; Brussels; Zurich; Geneva; Tokyo; Osaka; Kyoto; Seoul; Beijing; Shanghai; Delhi;
  Mumbai; Bangkok; Hanoi; Manila; Jakarta; Sydney; Melbourne; Perth; Auckland; Toronto; Montreal; Vancouver;
  Chicago; Boston; Seattle; Denver; Dallas; Houston; Miami; Atlanta; Phoenix; Austin; Portland; Cairo; Nairobi;
  Lagos; Accra; Casablanca; Tunis; Dakar; Lima; Bogota; Quito; Santiago; Caracas; Havana; Munich; Hamburg; Cologne;
  Lyon; Marseille; Nice; Milan; Turin; Naples; Venice; Florence; Seville; Valencia; Porto; Krakow; Riga; Vilnius;
  Tallinn; Kyiv; Istanbul; Ankara; Dubai; Doha; Tehran; Baghdad; Karachi; Lahore; Dhaka; Kathmandu; New York; San
  Francisco; Los Angeles; Cape Town; Hong Kong; Buenos Aires; Mexico City; Rio de Janeiro; Tel Aviv; Kuala Lumpur;
  San Diego; Las Vegas; Bergen; Aarhus; Gdansk; Leipzig; Dresden; Bordeaux; Toulouse; Glasgow; Liverpool; Bristol;
  Cork; Basel; Salzburg; Ljubljana; Zagreb; Belgrade; Sofia; Bucharest; Reykjavik; Salt Lake City; New Orleans;
  Saint Louis; Zürich; São Paulo; Łódź; Málaga; Düsseldorf`)

export const NOUNS = words(`
  apple river mountain garden window cloud paper stone forest bridge candle ocean tiger lemon winter summer rocket planet
  music coffee bread butter orange house table chair door key book pencil bottle box ring drum guitar piano violin horse cow
  sheep dog cat bird fish snake frog bear wolf fox lion rabbit turtle eagle owl tree flower leaf grass seed root branch sand
  island lake valley desert storm rain snow wind thunder sun moon star light night morning evening clock watch train car bus
  bike boat plane road street city village castle tower church school market shop bank park beach bed lamp mirror spoon fork
  knife plate cup glass bowl hat coat shoe shirt sock glove scarf button thread needle hammer nail rope ladder bucket brush
  soap towel honey sugar salt pepper rice soup cake pie cheese milk tea juice water fire smoke iron gold copper wood brick
  wall roof floor cellar fence gate path hill cave cliff wave tide shell pearl crown sword shield arrow flag letter stamp map
  compass engine wheel pedal mouse keyboard screen printer cable robot server kernel token cache buffer pixel vector matrix
  socket packet queue stack graph node edge anchor basket camera diamond envelope feather goose harbor igloo jacket kettle
  lantern magnet napkin olive pillow quilt ribbon saddle tunnel umbrella violet wagon yacht zebra acorn badge carrot dolphin
  elbow falcon grape helmet insect jungle kitten lobster marble notebook onion parrot quarry raven scissors tomato uncle
  vase walnut yogurt account address agent battery beacon calendar carpet ceiling chapter charger cinema client cookie
  country course customer cotton dragon driver elevator farmer festival finger folder fridge furnace gallery gateway giraffe
  hotel invoice journey kitchen lawyer library license machine magazine message meadow museum office order package painter
  palace parcel passport peanut penguin picture pirate pocket police potato project pumpkin puzzle radio report restaurant
  rooster sailor sandwich season secret shadow signal silence sister soldier spider squirrel station student subway sunset
  teacher temple theater ticket tractor treasure trumpet vacuum village visitor volcano waiter wallet weather whale wizard
  workshop zipper airport backpack blanket blossom bracelet bubble cabin cactus canyon captain`)

export const ADJECTIVES = words(`
  small big old new bright quiet happy brave clever lazy quick slow warm cold soft hard strange simple golden hidden gentle
  lonely proud tiny giant curious wise blue red green yellow purple silver empty broken heavy light sweet sour loud polite
  rusty wooden modern ancient narrow wide busy calm fresh frozen honest nervous noisy pretty round sharp sleepy smooth
  hungry thirsty friendly famous dusty clean dirty expensive cheap secret strong weak young early late`)

export const VERBS = words(`
  get set make find open close start stop update delete create list check book order cancel move turn read write push pull
  load save show hide count sort fetch send add remove track rename copy schedule lookup assign submit reserve convert
  enable disable lock unlock archive publish print scan upload download resize paint clean measure`)

export const PAST_VERBS = words(`
  found lost opened closed carried painted watched followed bought sold cleaned moved dropped repaired borrowed counted
  visited remembered forgot noticed lifted hid kept missed described measured wanted ordered returned photographed`)

export const JOBS = words(`
  teacher doctor nurse engineer painter farmer lawyer pilot baker driver singer writer plumber designer carpenter chef
  dentist gardener librarian mechanic photographer scientist waiter translator programmer accountant electrician butcher barber judge sailor miner dancer actor waiter banker florist jeweler plasterer roofer surgeon therapist trainer umpire vet welder referee optician painter cook clown guard coach potter pharmacist postman weaver`)

export const COLORS = words(
  'red blue green yellow black white orange purple pink brown gray turquoise beige maroon navy violet indigo crimson gold silver coral lavender ivory khaki lime peach ruby amber bronze cream mint cyan scarlet copper rose plum emerald',
)
export const PETS = words('dog cat rabbit horse parrot hamster turtle goldfish')
export const DAYS = words('Monday Tuesday Wednesday Thursday Friday Saturday Sunday')
export const MONTHS = words('January February March April May June July August September October November December')
export const LANGUAGES = words(
  'French German Spanish Italian Japanese Polish Dutch Swedish Korean Turkish Arabic Greek Finnish',
)
export const COUNTRIES_UNKNOWN = words(
  'Mongolia Bolivia Paraguay Uruguay Malta Cyprus Georgia Armenia Jordan Oman Laos Cambodia Angola Zambia Uganda Rwanda Panama Jamaica Fiji Bhutan Albania Algeria Bahrain Belarus Belize Benin Botswana Brunei Bulgaria Burundi Chad Congo Croatia Djibouti Ecuador Eritrea Estonia Ethiopia Gabon Gambia Ghana Grenada Guatemala Guinea Guyana Haiti Honduras Iceland Indonesia Israel Kosovo Kuwait Latvia Lebanon Lesotho Liberia Libya Lithuania Luxembourg Madagascar Malawi Malaysia Mali Mauritius Mexico Moldova Monaco Montenegro Morocco Mozambique Namibia Nicaragua Niger Nigeria Pakistan Philippines Qatar Romania Samoa Senegal Serbia Singapore Slovakia Slovenia Somalia Sudan Suriname Syria Taiwan Tanzania Togo Tonga Tunisia Venezuela Yemen Zimbabwe Argentina Brazil',
)

/** Made-up words are put together from these; they keep the copying honest. */
export const SYLLABLES = words(`
  ba be bi bo bu da de di do du fa fe fi ga go ka ke ki ko la le li lo lu ma me mi mo mu na ne ni no nu pa pe pi po ra re ri
  ro ru sa se si so su ta te ti to tu va ve vi vo xa xi za ze zi zo bran cor dex fin gor lum mar nix pol quin rav sten tor vex
  wim yor zan thel grim shan plo kry dre stu ick ant el orn`)

export const TOPICS = phrases(`
  quantum computing; photosynthesis; the French Revolution; black holes; inflation; the Roman Empire; machine
  learning; blockchain; the immune system; climate change; the theory of relativity; plate tectonics; compound
  interest; jazz; the stock market; evolution; the human brain; volcanoes; nuclear fusion; DNA; the Great Wall of
  China; gravity; string theory; the water cycle; democracy; capitalism; Shakespeare; the Mona Lisa; chess openings;
  supply and demand; vaccines; antibiotics; the solar system; dinosaurs; the Cold War; electric cars; solar panels;
  garbage collection; recursion; the TCP handshake; HTTP caching; Kubernetes; Docker; SQL joins; binary search; hash
  tables; public key cryptography; regular expressions; React hooks; the event loop; memory leaks; unit testing;
  TypeScript generics; Python decorators; pointers in C; Rust ownership; neural networks; transformers; gradient
  descent; reinforcement learning; Buddhism; stoicism; existentialism; the meaning of life; happiness; love;
  friendship; sleep; coffee and health; vitamins; intermittent fasting; marathon training; yoga; meditation;
  sourdough bread; French cuisine; wine making; sushi; the Renaissance; Impressionism; Mozart; hip hop; the Beatles;
  Star Wars; Harry Potter; the Olympics; the World Cup; tennis rules; the housing market; retirement planning;
  taxes; mortgage rates; job interviews; remote work; leadership; negotiation; marketing; startups; venture capital;
  the United Nations; the European Union; human rights; privacy laws; copyright; renewable energy; deforestation;
  recycling; whales; honeybees; migratory birds; the Amazon rainforest; Antarctica; Mount Everest; the Sahara; space
  travel; the Apollo program; Mars missions; satellites; telescopes; the periodic table; acids and bases;
  thermodynamics; electricity; magnetism; prime numbers; the Pythagorean theorem; calculus; statistics; probability
  theory; game theory; linear algebra; philosophy of mind; ancient Egypt; the Vikings; samurai; the Industrial
  Revolution; World War II; the printing press; the internet; artificial intelligence; robots; self-driving cars;
  virtual reality; video games; social media; online dating; raising children; dogs; cats; gardening; house plants;
  home repairs; car engines; airplanes; submarines; bridges; skyscrapers; architecture; fashion`)
