import type { ScorecardModel } from '../../src/project/model-types.ts';
import { scorecard } from '../support/scoring-context.ts';

const counts = `,
    count(*) filter (where device = 'web' and age < 30) as web_n, count(*) as habit_n,
    count(*) filter (where age < 60) as lately_n, count(*) filter (where age < 7) as this_week_n,
    count(*) filter (where device = 'ios' and age < 30) as phone_often_n`;

/**
 * A card of ten rules in four groups over `leads` and `logins`, and the best SQL by hand for the same score: alone, and with
 * the five strongest rules in the same words.
 */
export const tenRules: {
  readonly card: ScorecardModel;
  readonly byHand: string;
  readonly byHandWithReasons: string;
} = { card: card(), byHand: byHand(''), byHandWithReasons: byHand(reasonsByHand()) };

function card(): ScorecardModel {
  const logins = { kind: 'event', events: "{{ ref('logins') }}", at: 'login_at' } as const;
  const day = (amount: number) => ({ amount, unit: 'day' }) as const;
  const onWeb = { ...logins, where: "device = 'web'" };
  const onPhone = { ...logins, where: "device = 'ios'" };
  return scorecard({
    entity: 'lead',
    range: { min: 0, max: 100 },
    round: 0.01,
    tiers: [{ name: 'hot', at: 75 }, { name: 'warm', at: 50 }, { name: 'nurture', at: 20 }, { name: 'cold' }],
    groups: new Map(
      [
        { name: 'usage', max: 45 },
        { name: 'recent', max: 25 },
        { name: 'phone', max: 20 },
        { name: 'fit', max: 30, min: -20 },
      ].map((group) => [group.name, group]),
    ),
    rules: [
      { ...onWeb, id: 'web', group: 'usage', within: day(30), points: 2, limit: 20 },
      {
        ...logins,
        id: 'habit',
        group: 'usage',
        decay: { kind: 'half_life', halfLife: day(14) },
        points: 1.5,
        limit: 40,
      },
      { ...logins, id: 'lately', group: 'recent', decay: { kind: 'linear', to: day(60) }, points: 2, limit: 20 },
      { ...logins, id: 'this_week', group: 'recent', within: day(7), points: 3, limit: 15 },
      { ...onPhone, id: 'phone', group: 'phone', within: day(90), count: { kind: 'once' }, points: 10 },
      { ...onPhone, id: 'phone_often', group: 'phone', decay: { kind: 'linear', to: day(30) }, points: 4, limit: 16 },
      { kind: 'attribute', id: 'size', group: 'fit', when: 'lead_id % 7 = 0', points: 15 },
      { kind: 'attribute', id: 'role', group: 'fit', when: 'lead_id % 5 = 0', points: 10 },
      { kind: 'numeric', id: 'seats', group: 'fit', value: 'lead_id % 50', points: 0.25, limit: 8 },
      {
        ...{ kind: 'absence', id: 'silent', group: 'fit', noEvents: ["{{ ref('logins') }}"], at: 'login_at' },
        ...{ within: day(14), points: -10 },
      },
    ],
  });
}

/** @param reasons a column more, or nothing */
function byHand(reasons: string): string {
  return `
with sums as (
  select lead_id,
    least(20, 2 * count(*) filter (where device = 'web' and age < 30)) as web,
    least(40, 1.5e0 * sum(0.5e0 ** (age / 14e0))) as habit,
    least(20, coalesce(2e0 * sum(1e0 - age / 60e0) filter (where age < 60), 0)) as lately,
    least(15, 3 * count(*) filter (where age < 7)) as this_week,
    case when count(*) filter (where device = 'ios' and age < 90) > 0 then 10 else 0 end as phone,
    least(16, coalesce(4e0 * sum(1e0 - age / 30e0) filter (where device = 'ios' and age < 30), 0)) as phone_often,
    min(age) as age${reasons === '' ? '' : counts}
  from (
    select lead_id, device, date '2026-01-31' - login_at::date as age from logins
    where login_at <= timestamp '2026-01-31 12:00:00'
  )
  group by lead_id
),
points as (
  select leads.lead_id,
    coalesce(web, 0) as web, coalesce(habit, 0) as habit, coalesce(lately, 0) as lately,
    coalesce(this_week, 0) as this_week, coalesce(phone, 0) as phone, coalesce(phone_often, 0) as phone_often,
    case when leads.lead_id % 7 = 0 then 15 else 0 end as size,
    case when leads.lead_id % 5 = 0 then 10 else 0 end as role,
    least(8, 0.25e0 * (leads.lead_id % 50)) as seats,
    case when age < 14 then 0 else -10 end as silent${reasons === '' ? '' : ',\n    web_n, habit_n, lately_n, this_week_n, phone_often_n'}
  from leads left join sums using (lead_id)
),
scores as (
  select *, round(greatest(0, least(100, least(45, web + habit) + least(25, lately + this_week)
    + least(20, phone + phone_often) + greatest(-20, least(30, size + role + seats + silent)))), 2) as score
  from points
)
select lead_id, score,
  case when score >= 75 then 'hot' when score >= 50 then 'warm' when score >= 20 then 'nurture' else 'cold' end as tier,
  web, habit, lately, this_week, phone, phone_often, size, role, seats, silent${reasons}
from scores`;
}

/** Rows of a list, sorted by strength and cut, as one would write it in DuckDB: short, and no pairs of rules. */
function reasonsByHand(): string {
  const counted: Readonly<Record<string, string>> = {
    web: ' in 30 days',
    habit: '',
    lately: '',
    this_week: ' in 7 days',
    phone_often: '',
  };
  const rules = 'web habit lately this_week phone phone_often size role seats silent'.split(' ').map((id, index) => {
    const window = counted[id];
    const times = `case ${id}_n when 1 then ' once' else ' ' || ${id}_n || ' times' end || '${window}'`;
    const sign = id === 'silent' ? ' (' : ' (+';
    const words = `'${id}' ${window === undefined ? '' : `|| ${times} `}|| '${sign}' || round(${id})::integer || ')'`;
    return `{ strength: -round(abs(${id}), 6), place: ${index}, words: case when abs(${id}) >= 0.5 then ${words} end, gains: ${id} > 0 }`;
  });
  const top = `list_sort([${rules.join(',\n    ')}])[1:5]`;
  return `,
  list_transform([${top}], t -> concat_ws('; ',
    nullif(array_to_string(list_transform(list_filter(t, r -> r.gains), r -> r.words), '; '), ''),
    nullif(array_to_string(list_transform(list_filter(t, r -> not r.gains), r -> r.words), '; '), '')))[1] as reasons`;
}
