/** Material: lists of words only, no logic. Every sixth entry is held out (see random.ts). */
const words = (text: string): readonly string[] => text.trim().split(/\s+/)
const phrases = (text: string): readonly string[] => text.trim().replace(/\s+/g, ' ').split('; ')

export const NAMES = words(`
  Alice Bob Carol David Emma Frank Grace Henry Irene Jack Karen Liam Maria Noah Olivia Peter Quinn Rosa Sam Tina Uma
  Victor Wendy Xavier Yara Zoe Ahmed Bella Chen Diego Elena Farid Gita Hugo Ines Jonas Kira Leo Mina Nils Omar Priya
  Ravi Sofia Tom Ursula Vera Walter Yuki Zara Anna Ben Clara Dan Eva Felix Hana Ivan Julia Kai Lena Max Nora Oscar
  Paul Rita Simon Tara Aaron Beatrice Cedric Daphne Edgar Fiona Gustav Helga Isaac Jasmine Keith Laura Mateo Nadia
  Otto Pablo Rachel Stefan Theo Ulla Vincent Willow Yusuf Zelda Amara Bruno Chiara Dmitri Esther Florian Greta Hassan
  Ingrid Javier Katya Lorenzo Mei Nikolai Oksana Pedro Rashid Svetlana Tariq Uwe Valentina Wanda Ximena Yannick Zainab
  Arthur Bridget Caleb Dolores Ethan Francesca Gabriel Harriet Ian Joanna Kevin Lucas Megan Nathan Ophelia Patrick
  Rebecca Samuel Teresa Adele Boris Celine Derek Eliza Fred Gina Hector Iris Joel Kurt Linda Marcus Naomi Oliver Penny
  Ralph Stella Toby Agnes Barry José Zoë Jürgen Łukasz André Björn Chloé Søren Renée Müller Abigail Adam Adriana Aisha
  Alan Albert Alejandro Alessia Alexei Alfred Alina Alma Amelia Amir Amos Anders Andrea Angela Anita Anton Archie
  Ariana Arjun Arnold Astrid Audrey Augusta Axel Ayesha Barbara Basil Benedict Bernard Bertha Beth Bilal Birgit Blanca
  Brenda Brian Brooke Bryce Camille Carla Carlos Caroline Carsten Cassandra Catherine Cecilia Charles Charlotte
  Chester Christa Christian Cindy Claire Claude Claudia Clement Colin Connor Constance Cora Cornelia Cosmo Craig
  Curtis Cyril Cynthia Damian Dana Darius Deborah Delia Denise Dennis Desmond Diana Dirk Dominic Donald Donna Dora
  Doris Dorothy Douglas Duncan Dylan Edith Edmund Edward Edwin Eileen Elaine Eleanor Elias Elisa Elizabeth Ella Ellen
  Elliot Elsa Emil Emily Enrique Enzo Eric Erika Erin Ernest Esmeralda Estelle Eugene Evelyn Ewan Fabian Faith Fatima
  Federico Fernando Flora Forrest Franz Freya Fritz Gareth Gavin Gemma Geoffrey George Gerald Gerda Gilbert Giles
  Giovanni Gisela Giulia Gloria Gordon Graham Grant Gregory Gretchen Guido Gwen Hans Harold Harry Harvey Hazel Heather
  Heidi Helen Henrik Herbert Herman Hilda Holger Holly Horace Howard Ida Ibrahim Igor Imran Inga Ingo Ira Irma Isabel
  Ivy Jacob Jade James Jana Janet Jared Jason Jasper Jean Jeffrey Jenny Jeremy Jerome Jessica Jill Joan Joaquin Jodie
  Johan John Jonathan Jordan Joseph Joshua Joyce Juan Judith Julian Juliet Jun June Justin Karim Karl Kasper Kate
  Katrin Kelly Kenneth Kenji Kerstin Khalid Kim Klara Klaus Kristen Kyle Lara Lars Laszlo Lauren Laurence Leah Leila
  Leonard Leonie Leslie Lewis Lila Lily Lionel Lisa Logan Lola Lorna Louis Louise Lucia Lucy Luis Lukas Luna Lydia
  Mabel Madeleine Magda Malik Manfred Manuel Marcel Margaret Marina Mario Marion Marta Martin Martha Mary Matilda
  Matthew Maurice Maya Melanie Melissa Mercedes Michael Michelle Miguel Mila Mildred Miles Milo Miranda Miriam
  Mohammed Moira Molly Monica Morgan Moritz Myra Nancy Natalie Neil Nelson Neville Nicholas Nicole Nigel Nina Noel
  Norbert Norman Olaf Olga Olive Orlando Orson Osman Owen Paloma Pamela Paola Pascal Patricia Paula Pauline Pearl
  Percy Petra Philip Phoebe Pierre Polly Portia Rafael Raj Ramona Randall Raoul Raymond Regina Rex Ricardo Richard
  Robert Robin Roderick Rodrigo Roger Roland Roman Ronald Roxanne Roy Ruben Rudolf Rufus Rupert Russell Ruth Sabine
  Sally Salma Samantha Samira Sandra Sanjay Santiago Sara Saskia Scott Sean Sebastian Selma Serena Sergio Seth Shane
  Sharon Sheila Shirley Sibyl Sidney Sigrid Silas Silvia Simone Sonja Sophie Spencer Stanley Stephanie Steven Stuart
  Susan Sven Sylvester Tabitha Tamara Tanya Tatiana Ted Terence Thelma Theresa Thomas Tiffany Tilda Timothy Tobias
  Todd Tomas Tony Tristan Trevor Trudy Tyler Ulrich Umberto Urban Valerie Vanessa Verena Veronica Vikram Viola
  Virginia Vivian Vladimir Wallace Warren Wilfred Wilhelm William Wilma Winston Wolfgang Xenia Yasmin Yolanda Yvonne
  Zachary Zoran`)

export const CITIES = phrases(`
  Paris; London; Berlin; Madrid; Rome; Vienna; Prague; Oslo; Dublin; Lisbon; Athens; Warsaw; Budapest; Helsinki;
  Stockholm; Copenhagen; Amsterdam; Brussels; Zurich; Geneva; Tokyo; Osaka; Kyoto; Seoul; Beijing; Shanghai; Delhi;
  Mumbai; Bangkok; Hanoi; Manila; Jakarta; Sydney; Melbourne; Perth; Auckland; Toronto; Montreal; Vancouver; Chicago;
  Boston; Seattle; Denver; Dallas; Houston; Miami; Atlanta; Phoenix; Austin; Portland; Cairo; Nairobi; Lagos; Accra;
  Casablanca; Tunis; Dakar; Lima; Bogota; Quito; Santiago; Caracas; Havana; Munich; Hamburg; Cologne; Lyon; Marseille;
  Nice; Milan; Turin; Naples; Venice; Florence; Seville; Valencia; Porto; Krakow; Riga; Vilnius; Tallinn; Kyiv;
  Istanbul; Ankara; Dubai; Doha; Tehran; Baghdad; Karachi; Lahore; Dhaka; Kathmandu; New York; San Francisco; Los
  Angeles; Cape Town; Hong Kong; Buenos Aires; Mexico City; Rio de Janeiro; Tel Aviv; Kuala Lumpur; San Diego; Las
  Vegas; Bergen; Aarhus; Gdansk; Leipzig; Dresden; Bordeaux; Toulouse; Glasgow; Liverpool; Bristol; Cork; Basel;
  Salzburg; Ljubljana; Zagreb; Belgrade; Sofia; Bucharest; Reykjavik; Salt Lake City; New Orleans; Saint Louis;
  Zürich; São Paulo; Łódź; Málaga; Düsseldorf; Aberdeen; Adelaide; Albany; Aleppo; Algiers; Alicante; Amman;
  Anchorage; Antwerp; Arles; Asmara; Astana; Asuncion; Avignon; Baku; Baltimore; Bamako; Bangalore; Bari; Bath;
  Beirut; Belfast; Benares; Bilbao; Birmingham; Bishkek; Bologna; Bonn; Boulder; Brasilia; Bratislava; Bremen;
  Brighton; Brisbane; Brno; Bruges; Buffalo; Burgos; Busan; Calais; Calgary; Cambridge; Canterbury; Cardiff; Catania;
  Charleston; Chemnitz; Chennai; Chester; Christchurch; Cincinnati; Cleveland; Coimbra; Columbus; Colombo; Cordoba;
  Coventry; Cusco; Damascus; Darwin; Davos; Debrecen; Derby; Detroit; Dortmund; Dover; Dundee; Durban; Edinburgh;
  Edmonton; Eindhoven; El Paso; Erfurt; Essen; Exeter; Fargo; Ferrara; Fez; Flint; Frankfurt; Freiburg; Fresno;
  Fukuoka; Galway; Genoa; Ghent; Gijon; Goa; Gothenburg; Granada; Graz; Grenoble; Groningen; Guadalajara; Guayaquil;
  Haifa; Halifax; Hamilton; Hannover; Harare; Heidelberg; Hiroshima; Hobart; Honolulu; Hull; Innsbruck; Inverness;
  Izmir; Jaipur; Jena; Jerusalem; Juneau; Kabul; Kampala; Kansas City; Karlsruhe; Kassel; Kazan; Kiel; Kigali;
  Kingston; Kobe; Kolkata; Kosice; Lausanne; Leeds; Leicester; Leiden; Lille; Limerick; Lincoln; Linz; Lodz; Lubeck;
  Lucerne; Luxor; Maastricht; Madison; Magdeburg; Mainz; Malmo; Manaus; Manchester; Mannheim; Marrakesh; Medellin;
  Memphis; Metz; Minneapolis; Minsk; Mobile; Modena; Mombasa; Monterrey; Montpellier; Moscow; Mosul; Nagoya; Nantes;
  Nashville; Newcastle; Norwich; Nottingham; Novi Sad; Nuremberg; Oakland; Odense; Odessa; Omaha; Orlando; Ostrava;
  Ottawa; Oxford; Padua; Palermo; Palma; Pamplona; Parma; Pasadena; Perugia; Pisa; Pittsburgh; Plymouth; Poznan;
  Pretoria; Pune; Quebec City; Rabat; Raleigh; Ravenna; Recife; Regensburg; Reims; Rennes; Reno; Richmond; Rijeka;
  Rochester; Rosario; Rostock; Rotterdam; Rouen; Sacramento; Samarkand; San Antonio; San Jose; Santa Fe; Sapporo;
  Sarajevo; Savannah; Sendai; Sheffield; Siena; Skopje; Southampton; Spokane; Stavanger; Stuttgart; Suva; Szeged;
  Tacoma; Taipei; Tampa; Tampere; Tartu; Tashkent; Tbilisi; Thessaloniki; Tirana; Toledo; Trento; Trieste; Tripoli;
  Tromso; Trondheim; Tucson; Tulsa; Turku; Ulm; Uppsala; Utrecht; Valletta; Varna; Verona; Vicenza; Vladivostok;
  Wichita; Windhoek; Winnipeg; Worcester; Wroclaw; Wuhan; Xi'an; Yerevan; Yokohama; York; Zadar; Baton Rouge; Cape
  Coral; Cedar Rapids; Chiang Mai; Colorado Springs; Fort Worth; Grand Rapids; Green Bay; Ho Chi Minh City; La Paz;
  Little Rock; Long Beach; Palm Springs; Panama City; Port Louis; Porto Alegre; Rapid City; San Juan; Santa Cruz;
  Sioux Falls; The Hague; Virginia Beach; Addis Ababa; Phnom Penh; Port Harcourt; Santo Domingo; St. Petersburg`)

export const NOUNS = words(`
  apple river mountain garden window cloud paper stone forest bridge candle ocean tiger lemon winter summer rocket
  planet music coffee bread butter orange house table chair door key book pencil bottle box ring drum guitar piano
  violin horse cow sheep dog cat bird fish snake frog bear wolf fox lion rabbit turtle eagle owl tree flower leaf
  grass seed root branch sand island lake valley desert storm rain snow wind thunder sun moon star light night morning
  evening clock watch train car bus bike boat plane road street city village castle tower church school market shop
  bank park beach bed lamp mirror spoon fork knife plate cup glass bowl hat coat shoe shirt sock glove scarf button
  thread needle hammer nail rope ladder bucket brush soap towel honey sugar salt pepper rice soup cake pie cheese milk
  tea juice water fire smoke iron gold copper wood brick wall roof floor cellar fence gate path hill cave cliff wave
  tide shell pearl crown sword shield arrow flag letter stamp map compass engine wheel pedal mouse keyboard screen
  printer cable robot server kernel token cache buffer pixel vector matrix socket packet queue stack graph node edge
  anchor basket camera diamond envelope feather goose harbor igloo jacket kettle lantern magnet napkin olive pillow
  quilt ribbon saddle tunnel umbrella violet wagon yacht zebra acorn badge carrot dolphin elbow falcon grape helmet
  insect jungle kitten lobster marble notebook onion parrot quarry raven scissors tomato uncle vase walnut yogurt
  account address agent battery beacon calendar carpet ceiling chapter charger cinema client cookie country course
  customer cotton dragon driver elevator farmer festival finger folder fridge furnace gallery gateway giraffe hotel
  invoice journey kitchen lawyer library license machine magazine message meadow museum office order package painter
  palace parcel passport peanut penguin picture pirate pocket police potato project pumpkin puzzle radio report
  restaurant rooster sailor sandwich season secret shadow signal silence sister soldier spider squirrel station
  student subway sunset teacher temple theater ticket tractor treasure trumpet vacuum zoo visitor volcano waiter
  wallet weather whale wizard workshop zipper airport backpack blanket blossom bracelet bubble cabin cactus canyon
  captain actor adapter album alley almond alphabet ambulance animal answer antenna apron aquarium arch archive arena
  arm army artist ash asteroid atlas attic author autumn avenue axe bacon baker balcony ball balloon bamboo banana
  band bandage banjo banner barn barrel barrier basin bat bath beak bean beard beaver beetle bell belt bench berry
  bicycle bill bin biscuit blade board bolt bone bonnet border boss boulder bow branchlet brass bridegroom broom
  brother bubblegum budget buffalo bulb bull bullet bumper bureau burger bush butcher butterfly cage calculator calf
  camel camp can canal canoe cap cape card cargo carriage cart cartoon case castanet catalog cattle cement cereal
  chain chalk champion channel chapel cheetah cherry chess chest chick chicken child chimney chin chocolate choir
  cigar circle circus claw clay cleaner cliffside cloak cloth clown club coach coal coast cobweb cocoa coconut code
  coin collar college colony column comb comet comic concert cone container contract cook cookbook coral cord cork
  corn corner corridor cottage couch council counter cousin cover crab cradle craft crane crate crayon cream creek
  crew cricket crocodile crow crowd crystal cube cucumber cupboard curtain cushion customs cycle cymbal daisy dam
  dance dart date daughter deck deer den dentist desk dessert device dial diary dice dictionary dinner dinosaur dish
  disk ditch doctor document doll donkey doorbell dove draft drawer dream dress drill driveway drop duck dust duty ear
  earring earth easel echo editor eel egg election elephant elm ember emperor engineer entrance error essay event exam
  exit expert eye fabric face factory fairy family fan fang farm faucet feast fern ferry fever fiddle field fig figure
  file film filter finch fist flame flashlight flask fleet flight flood flour flute fly foam fog foot football
  footprint force forehead fort fortune fossil fountain frame freezer friend fruit fuel fur furniture galaxy game
  garage garlic gas gem general ghost giant gift ginger girl glacier glider globe glue goat goblet goggles golf grain
  grandmother granite grater gravel grill grocery group guard guest guide gum gym hair ham hamster hand handle
  hangar harp harvest hawk hay head heap heart hedge heel hen herb hero heron hinge hippo hive hoe hole holiday hood
  hoof hook horizon horn hose hospital hound hurricane hut ice icon idea ink inn ivy jail jam jar jaw jeans jelly
  jewel job joke journal judge juggler jug jump jury kangaroo kayak keeper kennel ketchup kid king kite knee knight
  knob knot label laborer lace lair lamb lane laptop lark lasso laundry lava lawn layer leader leash leather leg lens
  leopard lesson lever lid lighthouse lily limb lime line linen lip list lizard load loaf lobby lock locker log loop
  lotus luggage lung lute lyric mail mall mammoth man mansion maple marker mask mast mat match meal medal medicine
  melon member menu mermaid metal meteor meter microphone microscope mill mine mint mirrorball mist mitten model mole
  monk monkey monster month moose mop mosquito moss moth motor mound moustache mouth movie mud mug mule muscle
  mushroom mustard nest net network newspaper nickel niece nose note nun nurse nut oak oar oasis oat object octopus
  oil opera orchard orchid organ ostrich otter oven ox oyster pad paddle page paint pair palm pan panda panel panther
  pants paradise parade parent parsley partner party passenger pasta pastry patch patient pavement paw pea peach peak
  pear pebble peg pelican pen pension people petal pet phone photo pickle pier pig pigeon pile pill pilot pin pine
  pipe pit pizza plank plaster plastic plow plug plum pocketknife poem poet pole pond pony pool popcorn poppy
  porch port poster pot pottery powder prairie present priest prince prison prize profile program propeller pudding
  pump pupil puppet puppy purse pyramid queen quest question quiver raccoon race rack radar radish raft rag rail
  rainbow raisin rake ram ramp ranch range rat razor reader recipe record reef reindeer relative remote rent reptile
  reward rhino rib riddle rind ritual roadmap roast robin rocker rod role roll room rose rowboat rug ruler
  runner sack safe sail salad salmon sandal satellite sauce sausage saw scale scarecrow scientist scooter score
  scorpion scout screw sea seal seat sensor servant shade shampoo shark shed sheet shelf sheriff ship shore shovel
  shower shrimp shrub shuttle sibling side siege sign silk sink siren skate sketch ski skirt skull skunk slate sled
  sleeve slide slipper slope smile snack snail sofa soil son song sound spade spark sparrow spear sphere spice spike
  spine spiral sponge spool spot spray spring sprout stable stadium staff stage stair stake stall statue steak steam
  steel stem step stick sting stool store stork story stove strap straw stream string stripe studio submarine suitcase
  suit sundial surface surgeon swamp swan sweater swing switch syrup tadpole tail tailor tale tank tape target tart
  tavern taxi team tear telescope tent text theory thief thimble thorn throne thumb tie tile timber tire toad toast
  toe toilet tongue tool tooth top torch tourist trail trailer trap tray treaty triangle tribe tricycle trolley
  trouble trousers trout truck trunk tub tube tulip tuna turban turkey turnip twig twin tyre urn valve van vault
  vegetable veil vein velvet vest video view villa vine vinegar virus voice vulture waffle waist walrus wand warrior
  wasp wax web wedding weed well wheat whip whisker whistle widow wife wig wing wire wish witch woman wool worker
  world worm wound wreath wrench wrist writer yard yarn yeast yolk zone`)

export const ADJECTIVES = words(`
  small big old new bright quiet happy brave clever lazy quick slow warm cold soft hard strange simple golden hidden
  gentle lonely proud tiny giant curious wise blue red green yellow purple silver empty broken heavy light sweet sour
  loud polite rusty wooden modern ancient narrow wide busy calm fresh frozen honest nervous noisy pretty round sharp
  sleepy smooth hungry thirsty friendly famous dusty clean dirty expensive cheap secret strong weak young early late
  able afraid agreeable alert amazing amber angry anxious awful awkward bare basic beautiful bent best better bitter
  black bold boring bossy bottom brief brilliant broad brown bumpy careful careless central certain charming cheerful
  chilly chubby civil classic clear clumsy coarse colorful comfortable common complete complex confused cool corny
  correct cosy crazy creamy crisp crooked crowded cruel crunchy curly current curved cute daily damp dangerous daring
  dark dear deep delicate delicious dense different difficult dim direct dizzy double dry dull eager eastern easy
  elderly electric elegant enormous entire equal evil exact excellent exciting extra faint fair faithful false fancy
  far fast fat fearless few fierce final fine firm flat flexible fluffy foggy foolish foreign formal fragile frank
  free frequent full funny furry fuzzy general generous genuine glad glass gloomy glorious good graceful grand
  grateful grave greasy great greedy grey grim grumpy handsome handy harmless healthy helpful high hollow holy homely
  huge humble icy ideal idle important innocent itchy jolly joyful juicy keen kind large last lean left level likely
  lively local long loose lost lovely low loyal lucky mad magic main major marvelous massive mean mellow merry messy
  mighty mild minor misty mixed moist muddy musical mysterious nasty native natural naughty neat nice normal northern
  numb odd official open orange ordinary outer outgoing oval own pale perfect plain playful pleasant plump pointed
  poor popular possible precious private proper public puny pure puzzled quaint rapid rare raw ready real recent
  regular rich ripe rough royal rude sad safe salty sandy scary scared separate serious shaggy shallow shiny short shy
  sick silent silly sincere single skinny slight slim slippery sly smart smoky solid sore southern spare special spicy
  spiky splendid spotless square stale steady steep sticky stiff stormy straight striped stubborn sudden sunny super
  sure swift tall tame tart tasty tender tense terrible thick thin tidy tight tough true twin ugly unknown unusual
  upper useful usual vague valuable vast velvet vital vivid wavy wealthy weary weird western wet white whole wicked
  wild windy wonderful worried yellowish zesty`)

export const VERBS = words(`
  get set make find open close start stop update delete create list check book order cancel move turn read write push
  pull load save show hide count sort fetch send add remove track rename copy schedule lookup assign submit reserve
  convert enable disable lock unlock archive publish print scan upload download resize paint clean measure accept
  adjust align approve attach backup block boost build buy calibrate call capture charge clear clone collect combine
  compare compile compress confirm connect cook deliver deploy describe detach detect discover draw drop edit eject
  email encode erase estimate examine expand export fill filter finish fix flip fold format forward freeze grant group
  guard guide handle heat import inspect install invite invoice join label launch lift limit link log mail map mark
  merge mix modify monitor mount mute notify pack park paste pause pay pin plan plant play polish prepare press
  process protect query raise rate receive record recover reduce refresh register reject release reload rent repair
  replace report request reset restart restore resume retry review ring rotate route run sell sharpen share ship sign
  skip solve split spin stack store stream swap switch tag test tidy toggle train transfer trim tune undo upgrade
  validate verify view visit wash weigh wrap`)

export const PAST_VERBS = words(`
  found lost opened closed carried painted watched followed bought sold cleaned moved dropped repaired borrowed
  counted visited remembered forgot noticed lifted hid kept missed described measured wanted ordered returned
  photographed admired answered arranged attached baked balanced blamed brushed built burned caught chased checked
  chose climbed collected copied covered crossed cut decorated delivered destroyed discovered dragged drew dried
  emptied enjoyed examined explored fixed folded fetched forgave gathered grabbed greeted guarded guessed handed heard
  heated helped hugged ignored invented joined kicked knew labeled liked loaded locked loved made marked met mixed
  named needed packed pulled pushed raised reached received recognized removed rented replaced rescued saved saw
  selected shared showed solved spotted stored studied stole stopped tasted tested threw tied touched traded trusted
  warmed washed weighed wore wrapped wrote`)

export const JOBS = words(`
  teacher doctor nurse engineer painter farmer lawyer pilot baker driver singer writer plumber designer carpenter chef
  dentist gardener librarian mechanic photographer scientist waiter translator programmer accountant electrician
  butcher barber judge sailor miner dancer actor zoologist banker florist jeweler plasterer roofer surgeon therapist
  trainer umpire vet welder referee optician zookeeper cook clown guard coach potter pharmacist postman weaver archer
  architect astronomer athlete author beekeeper biologist blacksmith bookseller brewer bricklayer broker builder
  butler captain caretaker cashier chemist cleaner clerk coachman cobbler coder comedian composer conductor consultant
  courier critic curator decorator detective diplomat director diver doorman drummer economist editor explorer
  fisherman firefighter fitter forester geologist glazier goldsmith governor guide guitarist hairdresser historian
  housekeeper hunter inspector interpreter janitor jockey journalist juggler knitter lecturer lifeguard locksmith
  logger magician manager masseur mathematician mayor messenger midwife milkman model monk musician nanny novelist nun
  nutritionist officer paramedic physicist pianist poet porter president printer professor psychologist publisher
  ranger receptionist recruiter reporter researcher sculptor secretary seller senator sheriff shepherd shopkeeper
  skipper smith soldier solicitor speaker statistician stonemason student supervisor surveyor swimmer tailor tester
  tiler trader trucker tutor usher violinist waitress warden watchmaker woodcutter`)

export const COLORS = words(`
  red blue green yellow black white orange purple pink brown gray turquoise beige maroon navy violet indigo crimson
  gold silver coral lavender ivory khaki lime peach ruby amber bronze cream mint cyan scarlet copper rose plum emerald
  aqua azure blond blush brick burgundy caramel charcoal chestnut chocolate claret cobalt cornflower denim ebony
  fuchsia ginger hazel honey jade magenta mahogany mauve mustard ocher olive onyx pearl periwinkle pewter raspberry
  russet rust saffron salmon sand sapphire sepia sienna slate strawberry tan tangerine teal topaz umber vanilla
  vermilion walnut wheat wine`)
export const PETS = words(`
  dog cat rabbit horse parrot hamster turtle goldfish pony ferret gecko canary budgie lizard snake mouse tortoise
  donkey goat hen duck`)
export const DAYS = words('Monday Tuesday Wednesday Thursday Friday Saturday Sunday')
export const MONTHS = words('January February March April May June July August September October November December')
export const LANGUAGES = words(`
  French German Spanish Italian Japanese Polish Dutch Swedish Korean Turkish Arabic Greek Finnish Portuguese Norwegian
  Danish Czech Hungarian Romanian Ukrainian Hebrew Hindi Bengali Thai Vietnamese Latin Icelandic Irish Welsh Basque
  Catalan Swahili Zulu Estonian Latvian Lithuanian Croatian Serbian Bulgarian Slovak Slovenian Persian Urdu Chinese
  Russian Malay Tagalog Mongolian Georgian Armenian Albanian`)
export const COUNTRIES_UNKNOWN = words(`
  Mongolia Bolivia Paraguay Uruguay Malta Cyprus Georgia Armenia Jordan Oman Laos Cambodia Angola Zambia Uganda Rwanda
  Panama Jamaica Fiji Bhutan Albania Algeria Bahrain Belarus Belize Benin Botswana Brunei Bulgaria Burundi Chad Congo
  Croatia Djibouti Ecuador Eritrea Estonia Ethiopia Gabon Gambia Ghana Grenada Guatemala Guinea Guyana Haiti Honduras
  Iceland Indonesia Israel Kosovo Kuwait Latvia Lebanon Lesotho Liberia Libya Lithuania Luxembourg Madagascar Malawi
  Malaysia Mali Mauritius Mexico Moldova Monaco Montenegro Morocco Mozambique Namibia Nicaragua Niger Nigeria Pakistan
  Philippines Qatar Romania Samoa Senegal Serbia Singapore Slovakia Slovenia Somalia Sudan Suriname Syria Taiwan
  Tanzania Togo Tonga Tunisia Venezuela Yemen Zimbabwe Argentina Brazil Andorra Anguilla Aruba Azerbaijan Bahamas
  Bangladesh Barbados Bermuda Bosnia Cameroon Comoros Dominica Eswatini Greenland Guam Kazakhstan Kiribati Kyrgyzstan
  Liechtenstein Macedonia Maldives Martinique Mauritania Micronesia Myanmar Nauru Netherlands Palau Palestine Scotland
  Seychelles Tajikistan Texas Tuvalu Turkmenistan Uzbekistan Vanuatu Wales California Nevada Florida Ohio Oregon
  Alaska Hawaii Bavaria Saxony Catalonia Andalusia Tuscany Sicily Brittany Normandy Bengal Punjab Kerala Ontario
  Queensland Tasmania Victoria Patagonia Siberia Lapland Tibet Yukon Crete Corsica Sardinia Scania Flanders Wallonia
  Moravia Transylvania Atlantis Narnia Cornwall Kent Essex`)

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
