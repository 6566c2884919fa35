/** The property whose value, in contacts, is an e-mail address: compared without case, and joined by the secondary ones. */
export const emailProperty = 'email';
export const secondaryEmailsProperty = 'hs_additional_emails';

/** @returns the form in which values of a unique property are compared */
export function uniqueKey(property: string, value: string): string {
  return property === emailProperty ? value.trim().toLowerCase() : value;
}

/** @returns every address of a contact's values, primary first, as compared */
export function emailKeys(values: Readonly<Record<string, string>>): readonly string[] {
  const primary = values[emailProperty];
  const secondary = values[secondaryEmailsProperty];
  if (!secondary) return primary ? [uniqueKey(emailProperty, primary)] : [];
  return [primary ?? '', ...secondary.split(';')].map((text) => uniqueKey(emailProperty, text)).filter(Boolean);
}

/** @returns the keys under which a record with these values is found by a unique property */
export function uniqueKeys(property: string, values: Readonly<Record<string, string>>): readonly string[] {
  if (property === emailProperty) return emailKeys(values);
  const value = values[property];
  return value ? [uniqueKey(property, value)] : [];
}
