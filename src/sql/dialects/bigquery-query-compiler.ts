import { DefaultQueryCompiler } from 'kysely';

/**
 * BigQuery's (GoogleSQL's) spelling of what Kysely makes: names in backticks, binds `@p1`, and a backslash in front of
 * whatever would end a name or a text (https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical).
 */
export class BigQueryQueryCompiler extends DefaultQueryCompiler {
  protected override getCurrentParameterPlaceholder(): string {
    return `@p${this.numParameters}`;
  }

  protected override getLeftIdentifierWrapper(): string {
    return '`';
  }

  protected override getRightIdentifierWrapper(): string {
    return '`';
  }

  protected override sanitizeIdentifier(identifier: string): string {
    return escaped(identifier);
  }

  protected override sanitizeStringLiteral(value: string): string {
    return escaped(value);
  }
}

/** Texts of one line may hold no line ends. */
const escapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '`': '\\`',
  '\n': '\\n',
  '\r': '\\r',
};

function escaped(text: string): string {
  return text.replace(/[\\'`\n\r]/g, (character) => escapes[character] ?? character);
}
