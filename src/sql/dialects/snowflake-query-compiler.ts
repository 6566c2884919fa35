import { DefaultQueryCompiler } from 'kysely';
import { snowflakeName } from './snowflake-names.ts';

/** Snowflake's SQL: names in double quotes, in upper case where they are (see `snowflakeName`), binds as `?`. */
export class SnowflakeQueryCompiler extends DefaultQueryCompiler {
  protected override getCurrentParameterPlaceholder(): string {
    return '?';
  }

  protected override sanitizeIdentifier(identifier: string): string {
    return super.sanitizeIdentifier(snowflakeName(identifier));
  }

  /** A backslash begins an escape in Snowflake's texts. */
  protected override sanitizeStringLiteral(value: string): string {
    return super.sanitizeStringLiteral(value).replaceAll('\\', '\\\\');
  }
}
