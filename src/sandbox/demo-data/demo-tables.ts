import type { DemoCompany } from './demo-company.ts';

export interface CsvTable {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | boolean | null)[])[];
}

/** The company's tables as its systems export them: instants as ISO text in UTC, what the CRM lacks as null. */
export function demoTables(company: DemoCompany): readonly CsvTable[] {
  return [
    {
      name: 'accounts',
      columns: ['account_id', 'name', 'website', 'industry', 'employees', 'region', 'created_at'],
      rows: company.accounts.map((row) => [
        row.id,
        row.name,
        row.website,
        row.missing.has('industry') ? null : row.industry,
        row.missing.has('employees') ? null : row.employees,
        row.missing.has('region') ? null : row.region,
        instant(row.createdAt),
      ]),
    },
    {
      name: 'people',
      columns: [
        ...['person_id', 'account_id', 'email', 'first_name', 'last_name', 'job_title', 'seniority', 'department'],
        ...['region', 'lead_source', 'consent', 'created_at'],
      ],
      rows: company.people.map((row) => [
        row.id,
        row.linked ? (row.account?.id ?? null) : null,
        row.email,
        row.firstName,
        row.lastName,
        row.missing.has('title') ? null : row.title,
        row.missing.has('seniority') ? null : row.seniority,
        row.missing.has('department') ? null : row.department,
        row.missing.has('region') ? null : row.region,
        row.source,
        row.consent,
        instant(row.createdAt),
      ]),
    },
    {
      name: 'subscriptions',
      columns: ['account_id', 'plan', 'seats', 'started_at', 'ended_at'],
      rows: company.subscriptions.map((row) => [
        row.account.id,
        row.plan,
        row.seats,
        instant(row.startedAt),
        row.endedAt === null ? null : instant(row.endedAt),
      ]),
    },
    {
      name: 'deals',
      columns: ['deal_id', 'account_id', 'deal_type', 'stage', 'amount', 'opened_at', 'closed_at'],
      rows: company.deals.map((row) => [
        row.id,
        row.account.id,
        row.type,
        row.stage,
        row.amount,
        instant(row.openedAt),
        row.closedAt === null ? null : instant(row.closedAt),
      ]),
    },
    {
      name: 'deal_contacts',
      columns: ['deal_id', 'person_id', 'role'],
      rows: company.deals.flatMap((deal) =>
        deal.contacts.map((person, index) => [deal.id, person.id, index === 0 ? 'main_contact' : 'participant']),
      ),
    },
    {
      name: 'page_views',
      columns: ['view_id', 'session_id', 'person_id', 'viewed_at', 'url', 'referrer', 'user_agent'],
      rows: company.pageViews.map((row) => [
        row.id,
        row.session,
        row.ghost ?? row.person?.id ?? null,
        instant(row.at),
        row.url,
        row.referrer,
        row.userAgent,
      ]),
    },
    {
      name: 'form_fills',
      columns: ['fill_id', 'person_id', 'filled_at', 'form', 'url'],
      rows: company.formFills.map((row) => [row.id, row.person?.id ?? null, instant(row.at), row.form, row.url]),
    },
    {
      name: 'email_events',
      columns: ['event_id', 'person_id', 'campaign', 'event', 'occurred_at'],
      rows: company.emailEvents.map((row) => [
        row.id,
        row.person?.id ?? null,
        row.campaign,
        row.event,
        instant(row.at),
      ]),
    },
    {
      name: 'product_events',
      columns: ['event_id', 'account_id', 'person_id', 'event', 'feature', 'seats', 'occurred_at'],
      rows: company.productEvents.map((row) => [
        row.id,
        row.account.id,
        row.person?.id ?? null,
        row.event,
        row.feature,
        row.seats,
        instant(row.at),
      ]),
    },
  ];
}

function instant(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
