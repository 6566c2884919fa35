/**
 * The made-up company's raw tables, as its systems would export them. Instants are milliseconds since 1970, UTC. Records
 * point at each other as objects; their ids are given at the end, in the order of creation, as real systems do.
 */
export interface DemoCompany {
  readonly accounts: readonly Account[];
  readonly people: readonly Person[];
  readonly subscriptions: readonly Subscription[];
  readonly deals: readonly Deal[];
  readonly pageViews: readonly PageView[];
  readonly formFills: readonly FormFill[];
  readonly emailEvents: readonly EmailEvent[];
  readonly productEvents: readonly ProductEvent[];
}

export interface Account {
  id: string;
  readonly name: string;
  /** Bare and lower-case; what the CRM holds is `website`. */
  readonly domain: string;
  /** As somebody typed it: with protocol, in capitals, or missing. */
  readonly website: string | null;
  readonly industry: string;
  readonly employees: number;
  readonly region: Region;
  /** Known to the simulation, missing in the CRM. */
  readonly missing: ReadonlySet<'industry' | 'employees' | 'region'>;
  readonly createdAt: number;
}

export type Region = 'north_america' | 'europe' | 'asia_pacific' | 'latin_america';

/** What somebody is to the company; the exported tables do not say it, their e-mail domains and titles do. */
export type PersonKind = 'prospect' | 'student' | 'competitor' | 'staff';

export interface Person {
  id: string;
  readonly kind: PersonKind;
  readonly firstName: string;
  readonly lastName: string;
  /** As typed in: capitals and blanks included. */
  readonly email: string | null;
  readonly account: Account | null;
  /** Whether the CRM links the person to the account; if not, only the e-mail's domain tells. */
  readonly linked: boolean;
  readonly title: string;
  readonly seniority: string;
  readonly department: string;
  readonly region: Region;
  /** Known to the simulation, missing in the CRM. */
  readonly missing: ReadonlySet<'title' | 'seniority' | 'department' | 'region'>;
  readonly source: LeadSource;
  /** Null where nobody asked. */
  readonly consent: boolean | null;
  createdAt: number;
}

export type LeadSource = 'website' | 'webinar' | 'trade_show' | 'paid_search' | 'referral' | 'purchased_list';

export interface Subscription {
  readonly account: Account;
  readonly plan: 'trial' | 'starter' | 'team' | 'enterprise';
  readonly seats: number;
  readonly startedAt: number;
  endedAt: number | null;
}

export interface Deal {
  id: string;
  readonly account: Account;
  readonly type: 'new_business' | 'expansion';
  readonly openedAt: number;
  readonly seats: number;
  /** Null while nobody has made an offer. */
  amount: number | null;
  stage: 'open' | 'won' | 'lost';
  closedAt: number | null;
  /** The buying group, the main contact first. */
  readonly contacts: readonly Person[];
}

/** `person` is null for a visitor nobody knows; `ghost` is the id of somebody the CRM has deleted. */
interface PersonEvent {
  person: Person | null;
  readonly ghost?: string;
  readonly at: number;
}

export interface PageView extends PersonEvent {
  id: string;
  readonly session: string;
  readonly url: string;
  readonly referrer: string | null;
  readonly userAgent: string;
}

export interface FormFill extends PersonEvent {
  id: string;
  readonly form: string;
  readonly url: string;
}

export interface EmailEvent extends PersonEvent {
  id: string;
  readonly campaign: string;
  readonly event: 'sent' | 'opened' | 'clicked' | 'unsubscribed';
}

export interface ProductEvent extends PersonEvent {
  id: string;
  readonly account: Account;
  readonly event: 'session_started' | 'feature_used' | 'seats_invited';
  readonly feature: string | null;
  /** How many seats were invited; null for other events. */
  readonly seats: number | null;
}

/** Where the simulation puts what happens. */
export interface EventLog {
  readonly pageViews: PageView[];
  readonly formFills: FormFill[];
  readonly emailEvents: EmailEvent[];
  readonly productEvents: ProductEvent[];
  readonly subscriptions: Subscription[];
  readonly deals: Deal[];
}
