import { type ErrorDetail, type Reply, validationError } from './reply.ts';

/** Why one property of one input is refused. */
export interface PropertyProblem {
  readonly property: string;
  readonly code: string;
  readonly message: string;
}

/** HubSpot's 400: the problems packed as JSON text into the message and repeated in `errors`. */
export function propertyProblemsReply(problems: readonly PropertyProblem[], portalId: number): Reply {
  return validationError(packedMessage(problems, portalId), { errors: problems.map(errorDetail) });
}

export function packedMessage(problems: readonly PropertyProblem[], portalId: number): string {
  const packed = problems.map(({ property, code, message }) => ({
    isValid: false,
    message,
    error: code,
    name: property,
    localizedErrorMessage: message,
    portalId,
  }));
  return `Property values were not valid: ${JSON.stringify(packed)}`;
}

function errorDetail({ property, code, message }: PropertyProblem): ErrorDetail {
  return { message, code, context: { propertyName: [property] } };
}
