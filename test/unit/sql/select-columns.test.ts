import { describe, expect, it } from 'vitest';
import { selectColumns } from '../../../src/sql/select-columns.ts';

describe('the columns of a SELECT, read off its text', () => {
  it.each([
    ['select lead_id, l.login_at, upper(device) as device from logins as l', ['lead_id', 'login_at', 'device'], false],
    ['select distinct "Lead Id", max(at) last_at\nfrom t', ['Lead Id', 'last_at'], false],
    ['with a as (select x, y from t) select z from a', ['z'], false],
    ["select a, 'from, b' as b, (select max(c) from t) as c -- , d\nfrom t", ['a', 'b', 'c'], false],
    ["select {{ email_domain('email') }} as domain from {{ ref('leads') }}", ['domain'], false],
    ['select a from t union all select b from u', ['a'], false],
    ['select *, 1 as one from t', ['one'], true],
    ['select l.* exclude (a), b from l', ['b'], true],
    ['select count(*) as n, 2 * 3 as six from t', ['n', 'six'], false],
  ])('%s', (text, names, hasStar) => {
    expect(selectColumns(text)).toEqual({ names, hasStar });
  });

  it.each(['{% if x %}select a{% else %}select b{% endif %} from t', 'from t', ''])('is not known of: %s', (text) => {
    expect(selectColumns(text)).toBeNull();
  });
});
