import type { ObjectTypeNames } from './object-type.ts';
import type { PropertyDefinition, PropertyGroup, PropertyOption, PropertyType } from './property-definition.ts';

interface StandardProperty {
  readonly name: string;
  readonly label: string;
  readonly type: PropertyType;
  readonly fieldType: string;
  readonly readOnly?: boolean;
  readonly unique?: boolean;
  readonly calculated?: boolean;
  readonly options?: readonly PropertyOption[];
}

const text = (name: string, label: string): StandardProperty => ({ name, label, type: 'string', fieldType: 'text' });
const number = (name: string, label: string): StandardProperty => ({
  name,
  label,
  type: 'number',
  fieldType: 'number',
});
const instant = (name: string, label: string): StandardProperty => ({
  name,
  label,
  type: 'datetime',
  fieldType: 'date',
});
const choice = (name: string, label: string, values: Readonly<Record<string, string>>): StandardProperty => ({
  name,
  label,
  type: 'enumeration',
  fieldType: 'select',
  options: Object.entries(values).map(([value, optionLabel], displayOrder) => ({
    value,
    label: optionLabel,
    displayOrder,
    hidden: false,
  })),
});
const readOnly = (property: StandardProperty): StandardProperty => ({ ...property, readOnly: true });

const lifecycleStage = choice('lifecyclestage', 'Lifecycle Stage', {
  subscriber: 'Subscriber',
  lead: 'Lead',
  marketingqualifiedlead: 'Marketing Qualified Lead',
  salesqualifiedlead: 'Sales Qualified Lead',
  opportunity: 'Opportunity',
  customer: 'Customer',
  evangelist: 'Evangelist',
  other: 'Other',
});

const shared: readonly StandardProperty[] = [
  readOnly(number('hs_object_id', 'Record ID')),
  readOnly(instant('createdate', 'Create Date')),
  readOnly(text('hs_merged_object_ids', 'Merged record IDs')),
  readOnly(text('hs_object_source', 'Record source')),
  readOnly(text('hs_object_source_label', 'Record source label')),
  text('hubspot_owner_id', 'Owner'),
];

const contacts: readonly StandardProperty[] = [
  { ...text('email', 'Email'), unique: true },
  text('hs_additional_emails', 'Additional email addresses'),
  text('firstname', 'First Name'),
  text('lastname', 'Last Name'),
  text('company', 'Company Name'),
  text('jobtitle', 'Job Title'),
  { ...text('phone', 'Phone Number'), fieldType: 'phonenumber' },
  text('mobilephone', 'Mobile Phone Number'),
  text('website', 'Website URL'),
  text('address', 'Street Address'),
  text('city', 'City'),
  text('state', 'State/Region'),
  text('zip', 'Postal Code'),
  text('country', 'Country/Region'),
  text('industry', 'Industry'),
  lifecycleStage,
  choice('hs_lead_status', 'Lead Status', {
    NEW: 'New',
    OPEN: 'Open',
    IN_PROGRESS: 'In Progress',
    OPEN_DEAL: 'Open Deal',
    UNQUALIFIED: 'Unqualified',
    ATTEMPTED_TO_CONTACT: 'Attempted to Contact',
    CONNECTED: 'Connected',
    BAD_TIMING: 'Bad Timing',
  }),
  readOnly(number('associatedcompanyid', 'Primary Associated Company ID')),
  readOnly(instant('lastmodifieddate', 'Last Modified Date')),
  readOnly(number('num_associated_deals', 'Number of Associated Deals')),
  { ...readOnly(number('hubspotscore', 'HubSpot Score')), calculated: true },
  { ...readOnly(number('hs_predictivecontactscore_v2', 'Likelihood to close')), calculated: true },
];

const companies: readonly StandardProperty[] = [
  text('name', 'Company name'),
  text('domain', 'Company Domain Name'),
  text('website', 'Website URL'),
  { ...text('phone', 'Phone Number'), fieldType: 'phonenumber' },
  text('city', 'City'),
  text('state', 'State/Region'),
  text('zip', 'Postal Code'),
  text('country', 'Country/Region'),
  text('description', 'Description'),
  choice('industry', 'Industry', {
    ACCOUNTING: 'Accounting',
    COMPUTER_SOFTWARE: 'Computer Software',
    CONSUMER_GOODS: 'Consumer Goods',
    FINANCIAL_SERVICES: 'Financial Services',
    HOSPITAL_HEALTH_CARE: 'Hospital & Health Care',
    INFORMATION_TECHNOLOGY_AND_SERVICES: 'Information Technology and Services',
    INTERNET: 'Internet',
    LOGISTICS_AND_SUPPLY_CHAIN: 'Logistics and Supply Chain',
    MANUFACTURING: 'Manufacturing',
    MARKETING_AND_ADVERTISING: 'Marketing and Advertising',
    RETAIL: 'Retail',
  }),
  number('numberofemployees', 'Number of Employees'),
  number('annualrevenue', 'Annual Revenue'),
  lifecycleStage,
  readOnly(number('num_associated_contacts', 'Number of Associated Contacts')),
  readOnly(instant('hs_lastmodifieddate', 'Last Modified Date')),
];

const deals: readonly StandardProperty[] = [
  text('dealname', 'Deal Name'),
  choice('dealstage', 'Deal Stage', {
    appointmentscheduled: 'Appointment Scheduled',
    qualifiedtobuy: 'Qualified To Buy',
    presentationscheduled: 'Presentation Scheduled',
    decisionmakerboughtin: 'Decision Maker Bought-In',
    contractsent: 'Contract Sent',
    closedwon: 'Closed Won',
    closedlost: 'Closed Lost',
  }),
  choice('pipeline', 'Pipeline', { default: 'Sales Pipeline' }),
  number('amount', 'Amount'),
  instant('closedate', 'Close Date'),
  choice('dealtype', 'Deal Type', { newbusiness: 'New Business', existingbusiness: 'Existing Business' }),
  { ...readOnly(number('hs_deal_stage_probability', 'Deal probability')), calculated: true },
  readOnly(instant('hs_lastmodifieddate', 'Last Modified Date')),
];

const custom: readonly StandardProperty[] = [
  readOnly(instant('hs_createdate', 'Object create date/time')),
  readOnly(instant('hs_lastmodifieddate', 'Object last modified date/time')),
];

const ownProperties: Readonly<Record<string, readonly StandardProperty[]>> = { contacts, companies, deals };

/** @returns the group that HubSpot's own properties of the type stand in */
export function standardGroup(type: ObjectTypeNames): PropertyGroup {
  const label = `${type.singular.charAt(0).toUpperCase()}${type.singular.slice(1)} information`;
  return { name: `${type.singular}information`, label, displayOrder: 0 };
}

/** @returns HubSpot's own properties of the type, as an account has them from its beginning */
export function standardProperties(type: ObjectTypeNames, createdAtMs: number): readonly PropertyDefinition[] {
  const { name: groupName } = standardGroup(type);
  const own = type.custom ? custom : (ownProperties[type.name] ?? []);
  return [...shared, ...own].map((property) => ({
    name: property.name,
    label: property.label,
    description: '',
    type: property.type,
    fieldType: property.fieldType,
    groupName,
    options: property.options ?? [],
    displayOrder: -1,
    hasUniqueValue: property.unique ?? false,
    hidden: false,
    formField: property.readOnly !== true,
    hubspotDefined: true,
    calculated: property.calculated ?? false,
    readOnlyValue: property.readOnly ?? false,
    createdAt: createdAtMs,
    updatedAt: createdAtMs,
  }));
}
