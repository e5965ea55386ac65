// Patterns and texts for java-regex.json. Run by hand through cases.ts.
const TEXTS = ['flights', 'FLIGHTS', 'db.public.orders', 'a', 'ab', 'aab', 'b', '', 'orders-2024-01-31', 'x_y', 'topic.v1', 'a.b.c', 'abcabc', 'é', 'a1', '12', '-', 'a-b', ']', 'a]', '{', '$', '^', '\\', 'a b', 'a\tb', 'a\n', 'Straße', 'x+y', '漢字', '😀', '&']

const MATCHED = [
  'flights', '.*', 'f.*', 'light', 'a|ab', '(a|ab)(c|bcd)?', '(?i)flights', '(?i)FL.*', '(?s).*', '.', '..', '\\w+', '\\W', '\\d+', '\\D+', '\\s', '\\S+', '[a-z]+', '[^a-z]+', '[a-z.]+', '[\\w.-]+', '[\\w-.]+', '[.-]', '[-a]+', '[a-]+', '[a-b-]+', '[]a]+', '[^]a]+', '[\\]a]+', '\\Qdb.public\\E.*', '\\Qa', '\\Qa\\E+', '\\.', '\\$', '\\^', '\\\\', '\\{', '}', ']', '{', 'a{2}b', 'a{1,}b', 'a{0,2}b?', 'a{,2}', '(?:a|b)+', '(?=a).*', '(?!a).*', 'a(?<=a)b', '.*(?<!b)', '(?<x>a).*', '\\p{Alpha}+', '\\p{Lower}+', '\\p{Upper}+', '\\p{Alnum}+', '\\p{Punct}', '\\p{L}+', '\\p{Lu}+', '\\pL+', '\\p{IsAlphabetic}+', '\\p{IsLatin}+', '\\P{L}+', '\\p{Space}', '\\p{Digit}+', '\\p{Graph}+', '\\p{XDigit}+', '[\\p{Alpha}.]+', '[^\\p{Alpha}]+', '\\x61', '\\x{61}', '\\u0061', '\\0141', '\\t', 'a\\tb', 'a\\hb', '\\cA', '^a$', 'a$', '^', '\\Aa\\z', '\\ba\\b', '\\Ba', 'a*?b', 'a+?b', 'a??b', '(?i:FL)ights', '(?-i:f)lights', '(', ')', '[', '[a', '*', '+a', 'a**', 'a{2}{3}', 'a{3,2}', '\\y', '\\', '(?<1>a)', '(?<a>a)(?<a>b)', '(?q)', '[z-a]', '[a-\\d]', '\\p{Nope}', '', '|a', 'a||b', '()', '(a)|b', '&', '[&]', '[a&b]', '\\/', '\\-', '\\_', '\\é', '[\\D]+', '[\\W_]+', '[\\S]+', 'Stra\\xDFe', '.{2}', '[漢😀]+', '\\H+', '\\V+', '[a-z&]+', '[+--]', 'x\\+y', '(?u)a', '(?is)FLIGHTS.*', '(?i)stra\\xDFe',
]
/** Constructs that we may refuse but must not match otherwise. */
const DOUBTFUL = ['a*+b', 'a++', '(?>a|ab)c', '(a)\\1', '(?<x>a)\\k<x>', '[a-z&&[^b]]+', '[a[bc]]+', '(?m)^a$', '(?x) a', '\\R', '\\X', '\\Z', 'a\\Z', '\\Ga', 'a(?i)B', '\\P{Alpha}', '(?i)\\p{Lower}+', '\\p{javaLowerCase}', '\\p{InGreek}', '\\p{script=Latin}', '(?d).', '(?U)\\w+', '\\b{g}a', '\\N{DIGIT ONE}', 'a?+', '(?i)[^a]+', '(?i)[b-z]+']

const REPLACED: [string, string][] = [
  ['.*', 'x'], ['(.*)', 'pre-$1'], ['(.*)', '$1-post'], ['db\\.(.*)\\.(.*)', '$2_$1'], ['(a)(b)?', '[$2]'], ['(f)(l)(.*)', '$12'], ['(f)(l)(.*)', '$3$2$1$0'], ['(f).*', '$2'], ['a|ab', 'X'], ['b|ab', 'X'], ['(?<t>.*)', '${t}!'], ['(?<t>.*)', '${u}'], ['(?<t>.*)', '${1t}'], ['.*', '${t'], ['.*', '${'], ['.*', '${}'], ['.*', '$'], ['.*', '$x'], ['.*', 'a\\'], ['.*', '\\$1'], ['.*', '\\\\'], ['.*', '\\x'], ['.*', ''], ['(.*)-(\\d{4})-(\\d{2})-(\\d{2})', '$1'], ['(.*)-(\\d{4}).*', '$1.y$2'], ['(a)(b)(c)(d)?(e)?(f)?(g)?(h)?(i)?(j)?(k)?abc', '$11|$10|$1'], ['(.*?)\\.(.*)', '$1'], ['(?i)(FL)(.*)', '$2$1'], ['(?:(a)|(b))+', '<$1,$2>'], ['(a|b)+', '<$1>'], ['(a*)*', '<$1>'], ['(.*)*', '<$1>'], ['((a)|b)*', '<$2>'], ['(a(b)?)+', '<$2>'], ['([a-z]+\\.?)+', '<$1>'], ['(([a-z]+)\\.)+c', '<$2>'], ['a?', 'X'], ['.*?', 'X'], ['(?=(f)).*', '$1'], ['(?!b)(.*)', '$1x'], ['', 'X'],
]

export interface RegexCase {
  regex: string
  replacement?: string
  texts: string[]
}

export function regexCases(): RegexCase[] {
  return [
    ...[...MATCHED, ...DOUBTFUL].map(regex => ({ regex, texts: TEXTS })),
    ...REPLACED.map(([regex, replacement]) => ({ regex, replacement, texts: TEXTS })),
  ]
}
