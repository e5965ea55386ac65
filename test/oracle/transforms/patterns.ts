// Topics, patterns for them and date patterns as users write them: what the oracle of transforms draws from. The oracles `regex` and
// `dates` make their own at random. Main thread of `npm run test:oracle`.

export const TOPICS = ['flights', 'FLIGHTS', 'db.public.orders', 'orders-2024-01-31', 'x_y', 'topic.v1', 'a', 'ab', 'Straße', '漢字', 'a$b', 'a\\b'] // biome-ignore format: one line is easier to read

export const TOPIC_PATTERNS = [
  '.*',
  '(.*)',
  '(?i)flights',
  'db\\.(?:public)\\.(.*)',
  '(?<schema>[^.]+)\\.(?<table>.+)',
  '([a-z]+)-(\\d{4})-(\\d\\d)-(\\d\\d)',
  '\\w+',
  '[\\w.-]+',
  '\\p{L}+',
  '(f|x)(.)(.*)',
  '(?!db)(.*)',
  '.*(?<=s)',
  'a|ab|.*y',
  '\\QFLIGHTS\\E',
  '[^\\W_]+',
]

const named = (name: string): string => ['$', `{${name}}`].join('')
export const TOPIC_REPLACEMENTS = [
  'x',
  '$0',
  'pre-$0',
  'pre-$1',
  '$2_$1',
  '$12',
  named('table'),
  `${named('schema')}-t`,
  '\\$1',
  'a\\\\b',
  '',
  '$',
]

export const DATE_PATTERNS = [
  'yyyy-MM-dd',
  'yyyyMMdd',
  "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'",
  "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
  "yyyy-MM-dd'T'HH:mm:ssX",
  'yyyy-MM-dd HH:mm:ss.SSSSSS',
  'EEE, d MMM yyyy HH:mm:ss Z',
  'EEEE, MMMM d, yyyy G',
  'MM/dd/yy',
  'dd-MMM-yyyy hh:mm a',
  'HH:mm',
  "YYYY-'W'ww-u",
  'yyyy-DDD',
  'yyyy.MM.dd zzz',
  "hh 'o''clock' a",
  'S',
]
