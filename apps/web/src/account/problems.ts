import { type HoldfastError, isHoldfastError } from '@holdfast/client';
import { problemTexts } from '../texts/account.ts';

/** The problems of a form. */
export interface Problems {
  /** Problems of fields, by the fields' names. */
  fields: Record<string, string>;
  /** A problem of no field. */
  form?: string;
}

export const noProblems: Problems = { fields: {} };

/** The fields that errors are about, for the names that a form can have. */
const fieldsByCode: Partial<Record<HoldfastError['code'], string>> = {
  INVALID_CODE: 'code',
  INVALID_EMAIL: 'email',
  USER_ALREADY_EXISTS: 'email',
  INVALID_PASSWORD: 'password',
  PASSWORD_TOO_SHORT: 'newPassword',
  PASSWORD_TOO_LONG: 'newPassword',
};

const toSentence = (problem: string) => {
  const text = problem.replace(/^(must|is|has)\b/, (verb) => `It ${verb}`);
  return /[.!?]$/.test(text) ? text : `${text}.`;
};

/** The problems in an error of the server. If the form has no such field, the problem is shown below the form. */
export function toProblems(error: unknown, names: readonly string[]): Problems {
  if (!isHoldfastError(error)) return { fields: {}, form: problemTexts.unknown };
  const name = fieldsByCode[error.code];
  if (name !== undefined && names.includes(name)) return { fields: { [name]: error.message } };
  const { properties } = isHoldfastError(error, 'BAD_REQUEST') ? (error.validation ?? {}) : {};
  const entries = Object.entries(properties ?? {}).flatMap(([field, { errors }]) =>
    names.includes(field) && errors[0] !== undefined ? [[field, toSentence(errors[0])] as const] : [],
  );
  return entries.length > 0 ? { fields: Object.fromEntries(entries) } : { fields: {}, form: error.message };
}

/** Missing and invalid values. The server does not receive them. */
export function findProblems(inputs: readonly HTMLInputElement[]): Problems {
  const entries = inputs.flatMap((input) => {
    const problem = findProblem(input);
    return problem === null ? [] : [[input.name, problem] as const];
  });
  return { fields: Object.fromEntries(entries) };
}

function findProblem(input: HTMLInputElement): string | null {
  const { name, value, type, required, minLength, validity, dataset } = input;
  if (required && (type === 'text' ? value.trim() : value) === '') {
    const { missing, missingValue } = problemTexts;
    return dataset.missing ?? missing[name as keyof typeof missing] ?? missingValue;
  }
  if (validity.typeMismatch) return problemTexts.noEmail;
  // Browsers report a short text only after the user typed it.
  return minLength > 0 && value !== '' && value.length < minLength ? problemTexts.tooShort(minLength) : null;
}
