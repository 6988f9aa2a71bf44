//! The faults and what is said about each.

/// In the sound plan, what is replaced by what, and what is said then.
pub(crate) const FAULTS: &[(&str, &str, &[&str])] = &[
    ("then: front", "then: frnt", &["12:11 there is no step `frnt` | did you mean `front`?"]),
    (
        "start: greeting",
        "start: greting",
        &["3:8 there is no step `greting` | did you mean `greeting`?"],
    ),
    (
        "start: greeting\n",
        "",
        &["1:1 `start` is missing | name the step a caller begins with: `start: greeting`"],
    ),
    ("plan: small\n", "", &["1:1 `plan` is missing | name the plan: `plan: hotline`"]),
    (
        "plan: small\n",
        "plan: [a]\n",
        &["1:7 `plan` is one word, but this is a list | for example `plan: hotline`"],
    ),
    (
        "languages: [en, es]\n",
        "languages: [en, en_US]\n",
        &[
            "2:17 `en_US` is no language tag | write a BCP 47 tag such as `en`, `es` or `cmn`",
            "11:22 this plan does not speak `es` | did you mean `en`?",
        ],
    ),
    (
        "languages: [en, es]\n",
        "languages: [en, es, es]\n",
        &["2:21 language `es` is listed twice | list each language once"],
    ),
    (
        "languages: [en, es]\n",
        "languages: [en, es, fr]\n",
        &["2:21 there are no prompts in `fr` | there is `en`, `es`"],
    ),
    (
        "languages: [en, es]\n",
        "languages: []\n",
        &[
            "2:1 `languages` is empty | for example `languages: [en, es]`",
            "11:22 this plan does not speak `es` | there is none",
        ],
    ),
    ("[welcome,", "[welcom,", &["9:12 there is no prompt `welcom` | did you mean `welcome`?"]),
    (
        "[welcome,",
        "[position,",
        &["9:12 only a waiting caller has a `position` | say it under `waiting`, `every`"],
    ),
    (
        "[welcome,",
        "[{a: b},",
        &["9:12 `play` lists words, but this is a table | for example `play: [welcome]`"],
    ),
    ("music: calm", "music: clam", &["20:14 there is no music `clam` | did you mean `calm`?"]),
    (
        "queue: crisis\n    waiting",
        "queue: crises\n    waiting",
        &["18:12 there is no queue `crises` | did you mean `crisis`?"],
    ),
    (
        "divert: backup",
        "divert: bakcup",
        &["24:13 the allow-list has no number called `bakcup` | did you mean `backup`?"],
    ),
    (
        "divert: backup",
        "divert: \"5550100\"",
        &[
            "24:13 a plan names no number itself | put the number on the configuration's allow-list and write its name here",
        ],
    ),
    (
        "language: es,",
        "language: fr,",
        &["11:22 this plan does not speak `fr` | there is `en`, `es`"],
    ),
    (
        "      2: {",
        "      12: {",
        &[
            "11:7 `12` is no key of a telephone | a key is one of 0 to 9, \"*\" and \"#\" (these two in quotes)",
        ],
    ),
    (
        "      2: {",
        "      A: {",
        &[
            "11:7 `A` is no key of a telephone | a key is one of 0 to 9, \"*\" and \"#\" (these two in quotes)",
        ],
    ),
    (
        "go: wait }",
        "go: wait }\n      2: wait",
        &["12:7 `2` is written twice in `keys` | keep one of the two"],
    ),
    (
        "go: wait }",
        "goto: wait }",
        &[
            "11:7 `go` is missing | say where the key leads, for example `go: wait`",
            "11:26 `goto` means nothing in a key | there is `language`, `interpreter`, `go`",
        ],
    ),
    (
        "language: es, go",
        "language: es, interpreter: yes, go",
        &[
            "11:12 one key cannot choose a language and an interpreter | `language` is one the plan speaks; `interpreter` is any other",
        ],
    ),
    (
        "language: es, go",
        "interpreter: maybe, go",
        &["11:25 `interpreter` cannot be `maybe` | write `interpreter: yes`, or leave it out"],
    ),
    (
        "    then: front\n",
        "",
        &["8:3 `then` is missing | say where silence leads, for example `then: wait`"],
    ),
    (
        "then: front",
        "then:",
        &["12:5 `then` is one word, but this is empty | for example `then: wait`"],
    ),
    (
        "then: front",
        "then: front\n    then: wait",
        &["13:5 `then` is written twice in a step that plays | keep one of the two"],
    ),
    (
        "then: front",
        "then: front\n    wiat: 1s",
        &["13:5 `wiat` means nothing in a step that plays | did you mean `wait`?"],
    ),
    (
        "then: front",
        "then: front\n    wait: 1",
        &[
            "13:11 `1` is no time | write seconds or milliseconds, for example `25s`, `1.5s` or `800ms`",
        ],
    ),
    (
        "then: front",
        "then: front\n    wait: 3s",
        &[
            "13:11 the caller hears nothing for 3.0 s | two seconds at most; her keys work from the first word of the prompts on",
        ],
    ),
    (
        "when: emergency",
        "when: emergancy",
        &["14:11 there is no variable `emergancy` | did you mean `emergency`?"],
    ),
    (
        "is: { yes: away }",
        "is: { yse: away }",
        &["15:11 `emergency` is never `yse` | did you mean `yes`?"],
    ),
    (
        "    otherwise: wait\n",
        "",
        &[
            "13:3 `otherwise` is missing | say where every other value leads, for example `otherwise: greeting`",
        ],
    ),
    (
        "otherwise: wait",
        "otherwise: wait\n    queue: crisis",
        &[
            "13:3 one step cannot be all of `queue`, `when` | make a step of each and let one lead to the other",
        ],
    ),
    (
        "  emergency: [no, yes]",
        "  emergency: [no, yes]\n  language: [a, b]",
        &[
            "7:3 `language` cannot be a variable of its own | `when: language` always looks at the caller's language",
        ],
    ),
    (
        "    nobody-on-shift: stay\n",
        "",
        &[
            "17:3 `nobody-on-shift` is missing | name the step that tells the caller so, for example `nobody-on-shift: stay`",
        ],
    ),
    (
        "nobody-on-shift: stay",
        "nobody-on-shift: stay\n    when-empty: keep",
        &["22:5 `nobody-on-shift` and `when-empty` in one step | keep one of the two"],
    ),
    (
        "nobody-on-shift: stay",
        "nobody-on-shift: goodbye",
        &[
            "22:22 `goodbye` ends the call before a person was there | lead to a `queue`; only a key pressed while waiting and the plan's `closing` may lead to an `end`",
            "26:3 nothing leads to step `stay` | name it in a step that callers come to, or remove it",
        ],
    ),
    (
        "when-empty: keep",
        "when-empty: hang-up",
        &[
            "29:17 `when-empty` cannot be `hang-up` | `when-empty: keep` lets the caller stay; to go elsewhere write `nobody-on-shift: STEP`",
        ],
    ),
    (
        "    play: nobody-now\n",
        "",
        &[
            "28:5 `stay` keeps the caller without telling her that nobody is there | say so first: `play: nobody-now`",
        ],
    ),
    (
        "      music: calm\n",
        "",
        &["19:5 `music` is missing | name what the caller hears, for example `music: calm`"],
    ),
    (
        "every: { 25s: [still-with-you, position] }",
        "every: 25s",
        &["21:14 `every` is a table, but this is a word | write `name: value` lines"],
    ),
    (
        "every: { 25s: [still-with-you, position] }",
        "every: { 25s: [still-with-you], 20s: [position] }",
        &[
            "21:39 `every` has one time and what is said then | for example `every: { 25s: [still-with-you, position] }`",
        ],
    ),
    (
        "every: { 25s:",
        "every: { 45s:",
        &["21:16 messages 45.0 s apart | speak to her every 30 seconds or sooner"],
    ),
    (
        "every: { 25s:",
        "every: { 10s:",
        &[
            "21:16 messages of 8.5 s every 10.0 s leave no rest | say less, or less often; at least 5 seconds of music in between",
        ],
    ),
    (
        "every: { 25s: [still-with-you, position] }",
        "every: { 25s: [] }",
        &["21:16 `25s` is empty | for example `25s: [welcome]`"],
    ),
    (
        "divert: backup",
        "divert: backup\n    ring-for: 90s",
        &["25:15 a diversion that rings for 90.0 s | write 5 to 30 seconds"],
    ),
    (
        "    failed: wait\n",
        "",
        &[
            "23:3 `failed` is missing | say where the caller goes if nobody answers, for example `failed: stay`",
        ],
    ),
    (
        "failed: wait",
        "failed: front",
        &[
            "15:16 an endless loop: `away` → `front` → `away` | lead to a `queue`; only a key pressed while waiting may lead back",
        ],
    ),
    (
        "failed: wait",
        "failed: goodbye",
        &[
            "25:13 `goodbye` ends the call before a person was there | lead to a `queue`; only a key pressed while waiting and the plan's `closing` may lead to an `end`",
        ],
    ),
    (
        "failed: wait",
        "failed: stay",
        &[
            "29:5 callers come to `stay` while advocates are on shift | write `nobody-on-shift: STEP` here and `when-empty: keep` in that STEP",
        ],
    ),
    (
        "  goodbye:\n",
        "  lost:\n    play: welcome\n    then: wait\n  goodbye:\n",
        &[
            "30:3 nothing leads to step `lost` | name it in a step that callers come to, or remove it",
        ],
    ),
    (
        "closing: goodbye",
        "closing: wait",
        &[
            "4:10 the closing step `wait` does not end | give that step `end: goodbye` and nothing else",
        ],
    ),
    (
        "closing: goodbye\n",
        "",
        &[
            "29:3 nothing leads to step `goodbye` | name it in a step that callers come to, or remove it",
        ],
    ),
    (
        "then: front",
        "then: greeting",
        &[
            "12:11 an endless loop: `greeting` → `greeting` | lead to a `queue`; only a key pressed while waiting may lead back",
        ],
    ),
    (
        "then: front",
        "then: goodbye",
        &[
            "12:11 `goodbye` ends the call before a person was there | lead to a `queue`; only a key pressed while waiting and the plan's `closing` may lead to an `end`",
            "13:3 nothing leads to step `front` | name it in a step that callers come to, or remove it",
            "23:3 nothing leads to step `away` | name it in a step that callers come to, or remove it",
        ],
    ),
    (
        "[welcome, es/espanol-oprima-dos]",
        "[es/espanol-oprima-dos, long-story]",
        &[
            "8:3 who presses nothing is queued after 23.7 s in `es` | within 10 s: say less before the queue, or say it while she waits",
        ],
    ),
    (
        "[welcome, es/espanol-oprima-dos]",
        "[welcome, please-wait, es/espanol-oprima-dos]",
        &[
            "9:34 Spanish is offered only after 6.3 s | it starts within 4 s: put it earlier in `play`",
        ],
    ),
    (
        "[welcome, es/espanol-oprima-dos]",
        "[welcome, espanol-oprima-dos]",
        &[
            "11:30 key 2 is not offered in `es` itself | say it in its own language in `play`: `es/PROMPT`",
        ],
    ),
    (
        "[welcome, es/espanol-oprima-dos]",
        "[]",
        &[
            "8:3 step `greeting` does nothing | give it `play`, `queue`, `divert`, `when` or `end`",
            "9:5 `play` is empty | for example `play: [welcome]`",
        ],
    ),
    (
        "    play: [welcome, es/espanol-oprima-dos]\n",
        "",
        &["8:3 step `greeting` does nothing | give it `play`, `queue`, `divert`, `when` or `end`"],
    ),
    (
        "go: wait }",
        "go: wait }\n      4: wait\n      5: wait\n      6: wait\n      7: away",
        &["10:5 4 choices in one menu | three at most; keys that choose a language do not count"],
    ),
    (
        "go: wait }\n    then: front",
        "go: wait }\n      4: wait\n    then: menu\n  menu:\n    play: welcome\n    keys: { 1: wait }\n    then: front",
        &[
            "14:3 the key for `es` does nothing in `menu` | a language key works through the whole greeting: give this step the key too",
            "16:5 `menu` is a second menu on the way to the queue | one menu at most; keys that choose a language do not count",
        ],
    ),
    (
        "go: wait }\n    then: front",
        "go: wait }\n      4: story\n    then: front\n  story:\n    play: long-story\n    then: front",
        &[
            "12:10 after key 4 the queue is 21.0 s away | within 20 s: say less before the queue, or say it while she waits",
        ],
    ),
    (
        "start: greeting",
        "start: greeting\nwrong-key: repeat-kyes",
        &["4:12 there is no prompt `repeat-kyes` | did you mean `repeat-keys`?"],
    ),
    (
        "    waiting:\n      music: calm\n      every: { 25s: [still-with-you, position] }\n",
        "",
        &[
            "20:3 `music` is missing in step `away` | say what the caller hears while it rings, for example `music: calm`",
        ],
    ),
    (
        "start: greeting",
        "start: greeting\nhours: [9, 17]",
        &[
            "4:1 `hours` means nothing in a plan | there is `plan`, `languages`, `start`, `steps`, `closing`, `wrong-key`, `variables`, `purpose` and 1 more",
        ],
    ),
    (
        "start: greeting",
        "start: goodbye",
        &["30:3 the plan begins with its end | let `start` name a step that plays or queues"],
    ),
    (
        "  goodbye:\n",
        "  stay:\n    end: goodbye\n  goodbye:\n",
        &["30:3 `stay` is written twice in `steps` | keep one of the two"],
    ),
    (
        "es/espanol-oprima-dos]",
        "es/espanol-oprima-dos, fr/bonjour]",
        &["9:44 there is no prompt `bonjour` | record `prompts/fr/bonjour.wav`"],
    ),
    (
        "es/espanol-oprima-dos]",
        "es/espanol-oprima-dos, en_US/welcome]",
        &["9:44 `en_US` is no language tag | write a BCP 47 tag such as `en`, `es` or `cmn`"],
    ),
    (
        "when: emergency\n    is: { yes: away }",
        "when: language\n    is: { fr: away }",
        &["15:11 this plan does not speak `fr` | there is `en`, `es`"],
    ),
    (
        "  away:\n    divert: backup\n    failed: wait\n",
        "  away:\n",
        &["23:3 step `away` is empty | give it `play`, `queue`, `divert`, `when` or `end`"],
    ),
    (
        "    keys:\n      2: { language: es, go: wait }\n",
        "    keys: 2\n",
        &["10:11 `keys` is a table, but this is a word | write `name: value` lines"],
    ),
    (
        "      every: { 25s: [still-with-you, position] }\n",
        "      every: { 25s: [still-with-you, position] }\n      keys: { 1: greeting, 9: goodbye, 2: { language: es, go: wiat } }\n",
        &["22:63 there is no step `wiat` | did you mean `wait`?"],
    ),
    (
        "is: { yes: away }",
        "is: away",
        &["15:9 `is` is a table, but this is a word | write `name: value` lines"],
    ),
    (
        "    end: goodbye\n",
        "    end: goodbye\n    then: wait\n",
        &["32:5 `then` means nothing in a step that ends | there is `end`"],
    ),
    (
        "go: wait }",
        "go: goodbye }",
        &[
            "11:30 `goodbye` ends the call before a person was there | lead to a `queue`; only a key pressed while waiting and the plan's `closing` may lead to an `end`",
        ],
    ),
    (
        "    is: { yes: away }\n",
        "",
        &[
            "13:3 `is` is missing | say where each value leads, for example `is: { yes: backup-centre }`",
        ],
    ),
    (
        "    play: nobody-now\n    queue: crisis\n",
        "    play: nobody-now\n    queue:\n",
        &["28:5 `queue` is one word, but this is empty | for example `queue: crisis`"],
    ),
    (
        "    play: [welcome, es/espanol-oprima-dos]\n",
        "    paly: [welcome, es/espanol-oprima-dos]\n",
        &[
            "8:3 step `greeting` does nothing | give it `play`, `queue`, `divert`, `when` or `end`",
            "9:5 `paly` means nothing in a step that plays | did you mean `play`?",
        ],
    ),
    (
        "queue: crisis\n    waiting",
        "quue: crisis\n    waiting",
        &["18:5 `quue` means nothing in a step that queues | did you mean `queue`?"],
    ),
    (
        "    keys:\n      2: { language: es, go: wait }\n",
        "",
        &[
            "8:3 Spanish is spoken but never offered | give the greeting a key for it: `2: { language: es, go: wait }`",
        ],
    ),
    (
        "    play: [welcome, es/espanol-oprima-dos]\n    keys:\n      2: { language: es, go: wait }\n    then: front\n  front:\n    when: emergency\n    is: { yes: away }\n    otherwise: wait\n",
        "    play: please-wait\n    then: front\n  front:\n    when: emergency\n    is: { yes: away }\n    otherwise: hello\n  hello:\n    play: [welcome, es/espanol-oprima-dos]\n    keys:\n      2: { language: es, go: wait }\n    then: wait\n",
        &[
            "8:3 the key for `es` does nothing in `greeting` | a language key works through the whole greeting: give this step the key too",
            "16:21 Spanish is offered only after 6.3 s | it starts within 4 s: put it earlier in `play`",
        ],
    ),
    (
        "    is: { yes: away }\n    otherwise: wait\n",
        "    is: { yes: slow }\n    otherwise: wait\n  slow:\n    play: [es/espanol-oprima-dos, long-story]\n    keys: { 2: { language: es, go: wait } }\n    then: away\n",
        &[
            "8:3 who presses nothing is queued after 29.5 s in `es` | within 10 s: say less before the queue, or say it while she waits",
        ],
    ),
];

/// Texts that are no plan at all.
pub(crate) const TEXTS: &[(&str, &[&str])] = &[
    (
        "",
        &[
            "1:1 the file is empty | a plan begins with `plan: NAME`; copy dialplans/hotline.yaml and change it",
        ],
    ),
    (
        "# only\n",
        &[
            "1:1 the file is empty | a plan begins with `plan: NAME`; copy dialplans/hotline.yaml and change it",
        ],
    ),
    (
        "---\n",
        &[
            "1:1 the file is empty | a plan begins with `plan: NAME`; copy dialplans/hotline.yaml and change it",
        ],
    ),
    ("just words", &["1:1 a plan is a table, but this is a word | write `name: value` lines"]),
    ("[a, b]", &["1:1 a plan is a table, but this is a list | write `name: value` lines"]),
    (
        "plan: small\n  x: [",
        &[
            "2:4 this is no YAML: mapping values are not allowed in this context | look at colons, quotes, brackets and indentation here and one line above",
        ],
    ),
    (
        "plan: a\n---\nplan: b\n",
        &["2:1 a second document | one file holds one document; remove the `---`"],
    ),
    (
        "plan: small\nsteps:\n\tgreeting:\n",
        &["3:1 a tab in the indentation | indent with spaces; two for each level"],
    ),
    (
        "a: &x [1]\nb: *x\n",
        &[
            "1:7 an anchor or alias | write the value out; a word that begins with `&` or `*` needs quotes",
        ],
    ),
    (
        "plan: 'a\n",
        &[
            "2:1 this is no YAML: invalid indentation in multiline quoted scalar | look at colons, quotes, brackets and indentation here and one line above",
        ],
    ),
    (
        "plan: small\n",
        &[
            "1:1 `languages` is missing | list the languages of the prompts: `languages: [en, es]`",
            "1:1 `start` is missing | name the step a caller begins with: `start: greeting`",
            "1:1 `steps` is missing | write the steps: `steps:` and below it each step's name",
        ],
    ),
    (
        "plan: a: b\n",
        &[
            "1:8 this is no YAML: mapping values are not allowed in this context | look at colons, quotes, brackets and indentation here and one line above",
        ],
    ),
    (
        "plan: !!foo a\n",
        &["1:13 a tag, which nothing here has | a word that begins with `!` needs quotes"],
    ),
    (
        "plan: a\n plan: b\n",
        &[
            "2:6 this is no YAML: mapping values are not allowed in this context | look at colons, quotes, brackets and indentation here and one line above",
        ],
    ),
];
