import { describe, expect, it } from 'vitest';
import { existingIdIn, rejectionOf } from '../../../src/hubspot/records/rejection.ts';
import { readRefusal } from '../../../src/hubspot/wire/refusal.ts';

const packed = JSON.stringify([
  {
    isValid: false,
    message: 'Property "x" does not exist',
    error: 'PROPERTY_DOESNT_EXIST',
    name: 'x',
    localizedErrorMessage: 'Property "x" does not exist',
    portalId: 1,
  },
  {
    isValid: false,
    message: 'warm was not one of the allowed options: [hot, cold]',
    error: 'INVALID_OPTION',
    name: 'tier',
  },
]);

describe('readRefusal', () => {
  it('unpacks the failures of properties from the message', () => {
    const body = {
      status: 'error',
      message: `Property values were not valid: ${packed}`,
      correlationId: 'c-1',
      category: 'VALIDATION_ERROR',
    };
    const refusal = readRefusal(body, { status: 400 });
    expect(rejectionOf(refusal)).toEqual({
      category: 'VALIDATION_ERROR',
      message:
        'x: Property "x" does not exist (PROPERTY_DOESNT_EXIST); tier: warm was not one of the allowed options: [hot, cold] (INVALID_OPTION)',
      property: 'x',
      correlationId: 'c-1',
    });
  });

  it('takes the property from the inner errors where the message is plain', () => {
    const errors = [{ message: 'not a number', code: 'INVALID_INTEGER', context: { propertyName: ['score'] } }];
    const refusal = readRefusal({ message: 'score was not a valid number', category: 'VALIDATION_ERROR', errors });
    expect(refusal).toMatchObject({
      message: 'score was not a valid number',
      property: 'score',
    });
  });

  it('reads a text where a list is expected as a list of one', () => {
    const refusal = readRefusal({
      message: 'm',
      category: 'CONFLICT',
      context: { objectWriteTraceId: 'row-7', ids: 12 },
    });
    expect(refusal.context).toEqual({ objectWriteTraceId: ['row-7'], ids: ['12'] });
  });

  it.each([undefined, null, 'text', [], 7])('says the status of a body that is %j', (body) => {
    expect(readRefusal(body, { status: 418 })).toMatchObject({ category: 'HTTP_418', message: 'no reason given' });
  });

  it('survives a packed message that is cut off', () => {
    const message = 'Property values were not valid: [{"isValid":false,"mess';
    expect(readRefusal({ message, category: 'VALIDATION_ERROR' }).message).toBe(message);
  });

  it('names the scopes that are missing', () => {
    const errors = [{ message: 'scopes', context: { requiredGranularScopes: ['crm.objects.contacts.write'] } }];
    expect(readRefusal({ category: 'MISSING_SCOPES', errors }, { status: 403 }).missingScopes).toEqual([
      'crm.objects.contacts.write',
    ]);
  });
});

describe('existingIdIn', () => {
  it('finds the record that is in the way, in the context or in the words', () => {
    const traced = { category: 'CONFLICT', message: 'Contact already exists.', context: { existingId: ['512'] } };
    const whole = { category: 'CONFLICT', message: 'Contact already exists. Existing ID: 513' };
    expect(existingIdIn(readRefusal(traced))).toBe('512');
    expect(existingIdIn(readRefusal(whole, { status: 409 }))).toBe('513');
  });

  it('finds none in a refusal of another kind', () => {
    expect(existingIdIn(readRefusal({ category: 'VALIDATION_ERROR', message: 'Existing ID: 513' }))).toBeUndefined();
  });
});

describe('rejectionOf', () => {
  it('hides e-mail addresses, and match values that do not look like one', () => {
    const refusal = readRefusal({
      category: 'VALIDATION_ERROR',
      message: 'Email address Jo.Doe+x@Acme.example is invalid',
    });
    expect(rejectionOf(refusal).message).toBe('Email address [e-mail] is invalid');
    const malformed = readRefusal({ category: 'VALIDATION_ERROR', message: 'Email address jo.doe is invalid' });
    expect(rejectionOf(malformed, ['jo.doe']).message).toBe('Email address [hidden] is invalid');
  });
});
