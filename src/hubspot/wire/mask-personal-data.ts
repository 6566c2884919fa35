const emailAddress = /[^\s"'`<>()[\]{},;:=\\]+@[^\s"'`<>()[\]{},;:=\\]+/gu;

/**
 * Takes e-mail addresses and the given values (the token, a match value) out of a text that HubSpot wrote, so that it
 * may stand in messages, logs and the rejections table.
 */
export function maskPersonalData(text: string, values: readonly string[] = []): string {
  let masked = text;
  for (const value of values) if (value !== '') masked = masked.replaceAll(value, '[hidden]');
  return masked.replace(emailAddress, '[e-mail]');
}
