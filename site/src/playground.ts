// The playground: a chain that is typed or clicked together, its equations, its schedule, its path beside another chain's, and
// its speed in this browser. What is chosen stands in the address.
import { explain } from '@gradchain/monitor'
import * as schedules from '@gradchain/schedules'
import { problems } from '@gradchain/search'
import DOMPurify from 'dompurify'
import { fromDescription } from 'gradchain'
import { computed, defineComponent, h, onMounted, onUnmounted, reactive, ref, type VNode, watch } from 'vue'
import { chained, descriptionOf, partsOf } from './chainText.js'
import { type Choice, choiceOf, hashOf, MOST_STEPS } from './link.js'
import { examples, partGroups } from './parts.js'
import { heights, landscape, type NamedPath, schedulePicture } from './pictures.js'
import { type Chain, endOf, pathOf, scheduleIn, speedOf, valuesOf } from './runs.js'

const landscapes = {
  rosenbrock: problems.rosenbrock(2),
  beale: problems.beale(),
  himmelblau: problems.himmelblau(),
  styblinskiTang: problems.styblinskiTang(2),
  rastrigin: problems.rastrigin(2),
  ackley: problems.ackley(2),
  quadratic: problems.quadratic({ dimension: 2, condition: 100 })
} as const

const isLandscape = (name: string): name is keyof typeof landscapes => Object.hasOwn(landscapes, name)

const scheduleNames: ReadonlySet<string> = new Set(Object.keys(schedules))

const [first] = examples
const usual: Choice = { chain: first?.chain ?? '', beside: first?.beside ?? '', problem: 'rosenbrock', steps: 200 }

type Made = { readonly tx: Chain } | { readonly problem: string }

const made = (text: string): Made => {
  try {
    return { tx: fromDescription(descriptionOf(text)) }
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}

/** What something gives, or what it says when it cannot. */
const attempt = <T>(f: () => T): T | string => {
  try {
    return f()
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** The equations of a chain, whose names may come out of a link: nothing but text and mathematics is let through. */
const mathOf = (tx: Chain): string =>
  DOMPurify.sanitize(explain(tx, new Float32Array(2), { format: 'mathml', extra: { value: 1 } }), {
    USE_PROFILES: { html: true, mathMl: true },
    FORBID_TAGS: ['img', 'style', 'form', 'input', 'a']
  })

/** A place for a picture that is drawn by itself. */
const picture = (name: string, drawn: Element | string | undefined): VNode =>
  typeof drawn === 'string'
    ? h('p', { class: 'problem' }, drawn)
    : h('div', {
        class: 'picture',
        key: name,
        'data-picture': name,
        onVnodeMounted: ({ el }: VNode) => (el as HTMLElement).replaceChildren(...(drawn ? [drawn] : [])),
        onVnodeUpdated: ({ el }: VNode) => (el as HTMLElement).replaceChildren(...(drawn ? [drawn] : []))
      })

const button = (label: string, onClick: () => void, more: Readonly<Record<string, unknown>> = {}): VNode =>
  h('button', { type: 'button', onClick, ...more }, label)

export const Playground = defineComponent({
  name: 'ChainPlayground',
  setup: () => {
    const choice = reactive<{ -readonly [Key in keyof Choice]: Choice[Key] }>({ ...usual })
    const width = ref(600)
    const speeds = ref<readonly string[]>([])
    const copied = ref('')
    const root = ref<HTMLElement | null>(null)

    const read = () => Object.assign(choice, choiceOf(location.hash, usual, Object.keys(landscapes)))
    const fit = () => {
      width.value = Math.min(640, Math.max(280, (root.value?.clientWidth ?? 640) - 32))
    }
    onMounted(() => {
      read()
      addEventListener('hashchange', read)
      fit()
      addEventListener('resize', fit)
    })
    // Other pages of the site are shown without loading anew.
    onUnmounted(() => {
      removeEventListener('hashchange', read)
      removeEventListener('resize', fit)
    })
    watch(choice, () => {
      history.replaceState(history.state, '', hashOf(choice))
      speeds.value = []
      copied.value = ''
    })

    const one = computed(() => made(choice.chain))
    const other = computed(() => (choice.beside.trim() === '' ? undefined : made(choice.beside)))
    const problem = computed(() => landscapes[isLandscape(choice.problem) ? choice.problem : 'rosenbrock'])
    const paths = computed(() =>
      attempt((): readonly NamedPath[] => {
        const both: NamedPath[] = []
        for (const [name, chain] of [
          ['this chain', one.value],
          ['the other', other.value]
        ] as const) {
          if (chain !== undefined && 'tx' in chain)
            both.push({ name, ...pathOf(chain.tx, problem.value, choice.steps) })
        }
        return both
      })
    )

    /** Why nothing can be added to what is typed, which is to be mended by hand and not lost. */
    const obstacle = (): string | undefined => {
      const parts = attempt(() => partsOf(choice.chain))
      return typeof parts === 'string' && choice.chain.trim() !== '' ? parts : undefined
    }
    const add = (part: string) => {
      const parts = choice.chain.trim() === '' ? [] : partsOf(choice.chain)
      choice.chain = chained([...parts, part])
    }
    const without = (index: number) => {
      const parts = partsOf(choice.chain).filter((_, i) => i !== index)
      choice.chain = parts.length === 0 ? 'identity()' : chained(parts)
    }
    const moved = (index: number) => {
      const parts = [...partsOf(choice.chain)]
      const [part = ''] = parts.splice(index, 1)
      parts.splice(index - 1, 0, part)
      choice.chain = chained(parts)
    }

    /** Pages that are not served safely have no clipboard. */
    const copyLink = async () => {
      try {
        await navigator.clipboard.writeText(location.href)
        copied.value = 'Copied.'
      } catch {
        copied.value = 'This browser lets no page copy: the address of this page is the link.'
      }
    }

    const measure = () => {
      speeds.value = [one.value, other.value].flatMap((chain) =>
        chain === undefined || !('tx' in chain)
          ? []
          : [attempt(() => `${speedOf(chain.tx).toPrecision(3)} million params a second`)].map(String)
      )
    }

    const editor = (label: string, key: 'chain' | 'beside', result: Made | undefined): VNode[] => [
      h('label', { for: `playground-${key}` }, label),
      h('textarea', {
        id: `playground-${key}`,
        value: choice[key],
        rows: Math.min(8, 1 + choice[key].split('\n').length),
        spellcheck: false,
        autocapitalize: 'off',
        ...(result !== undefined && 'problem' in result
          ? { 'aria-invalid': true, 'aria-describedby': `playground-${key}-problem` }
          : {}),
        onInput: (event: Event) => {
          choice[key] = (event.target as HTMLTextAreaElement).value
        }
      }),
      result !== undefined && 'problem' in result
        ? h('p', { class: 'problem', role: 'status', id: `playground-${key}-problem` }, result.problem)
        : h('span')
    ]

    const parts = (): VNode => {
      const found = attempt(() => partsOf(choice.chain))
      if (typeof found === 'string') return h('span')
      return h(
        'ol',
        { class: 'parts' },
        found.map((part, i) =>
          h('li', [
            h('code', part.replace(/\s+/g, ' ')),
            ...(i === 0 ? [] : [button('↑', () => moved(i), { 'aria-label': `Move ${part} up` })]),
            button('×', () => without(i), { 'aria-label': `Remove ${part}` })
          ])
        )
      )
    }

    const equations = (): VNode => {
      const { value } = one
      if (!('tx' in value)) return h('span')
      const text = attempt(() => ({ html: mathOf(value.tx) }))
      return typeof text === 'string' ? h('p', text) : h('div', { class: 'equations', innerHTML: text.html })
    }

    const schedule = (): readonly VNode[] => {
      const found = attempt(() => scheduleIn(descriptionOf(choice.chain), scheduleNames))
      if (typeof found === 'string' || found === undefined) return []
      const drawn = attempt(() => schedulePicture(valuesOf(found, choice.steps + 1), width.value))
      return [h('h2', 'Schedule'), picture('schedule', drawn)]
    }

    return () => {
      const drawn = paths.value
      const shown = typeof drawn === 'string' ? [] : drawn
      return h('div', { class: 'playground', ref: root }, [
        h('h1', 'Playground'),
        h(
          'p',
          'Write a chain of transformations, or click one together, and see where it goes on a function of two numbers, what it computes, and how fast it is here. All of it runs in this page.'
        ),
        h('div', { class: 'examples' }, [
          'Begin with: ',
          ...examples.map(({ title, chain, beside }) => button(title, () => Object.assign(choice, { chain, beside })))
        ]),
        h('div', [
          'What you choose stands in the address: ',
          button('Copy the link', copyLink, { id: 'playground-copy' }),
          h('span', { role: 'status' }, copied.value)
        ]),
        h('section', { 'aria-label': 'The chain' }, [
          ...editor('A chain', 'chain', one.value),
          parts(),
          ...partGroups.map(({ title, parts: some }) =>
            h('details', [
              h('summary', `Add: ${title}`),
              h(
                'div',
                { class: 'choices' },
                some.map((part) =>
                  button(part, () => add(part), { disabled: obstacle() !== undefined, title: obstacle() })
                )
              )
            ])
          ),
          ...editor('Beside it', 'beside', other.value)
        ]),
        h('section', { 'aria-label': 'Where they go' }, [
          h('h2', 'Where they go'),
          h('label', { for: 'playground-problem' }, 'Function'),
          h(
            'select',
            {
              id: 'playground-problem',
              value: choice.problem,
              onChange: (event: Event) => {
                choice.problem = (event.target as HTMLSelectElement).value
              }
            },
            Object.keys(landscapes).map((name) => h('option', { value: name }, name))
          ),
          h('label', { for: 'playground-steps' }, 'Steps'),
          h('input', {
            id: 'playground-steps',
            type: 'number',
            min: 1,
            max: MOST_STEPS,
            value: choice.steps,
            onChange: (event: Event) => {
              const field = event.target as HTMLInputElement
              const steps = Math.min(Number(field.value), MOST_STEPS)
              if (Number.isInteger(steps) && steps >= 1) choice.steps = steps
              // What cannot be taken is not left standing as if it were.
              field.value = String(choice.steps)
            }
          }),
          typeof drawn === 'string' ? h('p', { class: 'problem', role: 'status' }, drawn) : h('span'),
          ...shown.flatMap(({ name, values }) => {
            const end = endOf(name, values)
            return end === undefined ? [] : [h('p', { class: 'problem', role: 'status' }, end)]
          }),
          picture(
            'landscape',
            attempt(() => landscape(problem.value, shown, width.value))
          ),
          picture(
            'heights',
            attempt(() => heights(problem.value, shown, width.value))
          )
        ]),
        h('section', { 'aria-label': 'Equations' }, [h('h2', 'Equations'), equations(), ...schedule()]),
        h('section', { 'aria-label': 'Speed' }, [
          h('h2', 'Speed in this browser'),
          h('p', 'A hundred thousand float32 params in transient, on one thread.'),
          button('Measure', measure, { id: 'playground-measure' }),
          h(
            'ul',
            { role: 'status' },
            speeds.value.map((text, i) => h('li', `${i === 0 ? 'This chain' : 'The other'}: ${text}`))
          )
        ])
      ])
    }
  }
})
