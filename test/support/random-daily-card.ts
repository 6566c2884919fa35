import fc from 'fast-check';

/*
 * Random cards whose sums of days can be kept, as files have them (JSON is YAML), and random days of events for them.
 * Numbers are chosen so that no sum lies half-way between two roundings by the noise of binary fractions alone.
 */

type Shape = Readonly<Record<string, unknown>>;

const optional = <T>(key: string, values: fc.Arbitrary<T>): fc.Arbitrary<Shape> =>
  fc.option(values).map((value) => (value === null ? {} : { [key]: value }));

const merged = (...parts: readonly fc.Arbitrary<Shape>[]): fc.Arbitrary<Shape> =>
  fc.tuple(...parts).map((shapes) => Object.assign({}, ...shapes));

const window = fc.constantFrom<Shape>(
  {},
  { within: '1d' },
  { within: '2d' },
  { within: '1w' },
  { within: '20d' },
  { between: ['2d', '10d'] },
);
const decay = fc.constantFrom(
  { half_life: '5d' },
  { linear: '10d' },
  { every: '7d', by: '30%' },
  { every: '3d', by: 0.5 },
);
const where = optional('where', fc.constantFrom("device = 'web'", "device <> 'web'"));
const at = fc.constantFrom('happened_at', 'happened_at', 'happened_at', 'seen_at');
const bands = [
  { at_least: 4, points: 20 },
  { at_least: 2, points: 8 },
];

const gives = fc.oneof(
  merged(
    fc.record({ points: fc.constantFrom(2, 5, -3, 0.25) }),
    optional('count', fc.constantFrom('each', 'once')),
    fc.constantFrom<Shape>({}, {}, { limit: 7.5 }, { curve: { log: 4 } }, { curve: { half_at: 6 }, limit: 20 }),
  ),
  fc.constantFrom<Shape>({ points: 6, at_least: 2 }, { bands }),
);

const eventRule = merged(
  fc.record({ at }),
  where,
  window,
  gives,
  optional('max_per_day', fc.constantFrom(1, 2)),
  optional('decay', decay),
);

const absenceRule = merged(
  fc.record({ at, within: fc.constantFrom('1d', '3d', '1w'), points: fc.constantFrom(-5, -0.75) }),
  where,
  fc.constantFrom<Shape>({}, { repeat: '2d', limit: 20 }),
);

const segment = fc.constantFrom<Shape>(
  {},
  { segments: [{ name: 'large', when: 'level > 2', points: { rule_0: 11 } }] },
  { segments: [{ name: 'large', when: 'level > 2', within: { rule_0: '5d' }, decay: { rule_0: { linear: '7d' } } }] },
);

/** Everything of a card but `incremental`. @param events how rules name the events */
export function randomDailyCard(events: string): fc.Arbitrary<Shape> {
  const rule = fc.oneof(
    { weight: 4, arbitrary: eventRule.map((shape) => ({ events, ...shape })) },
    absenceRule.map((shape) => ({ no_events: events, ...shape })),
  );
  const rules = fc.array(rule, { minLength: 1, maxLength: 6, size: 'max' });
  return fc.tuple(eventRule, rules, segment).map(([first, others, segments]) => {
    const changed = 'between' in first ? {} : segments;
    return {
      kind: 'scorecard',
      entity: 'lead',
      round: 'none',
      rules: [{ events, ...first }, ...others].map((shape, index) => ({ id: `rule_${index}`, ...shape })),
      tiers: [{ name: 'hot', at: 12 }, { name: 'warm', at: 4 }, { name: 'cold' }],
      // A band's points are not those of a rule.
      ...('bands' in first && 'segments' in changed ? {} : changed),
    };
  });
}
