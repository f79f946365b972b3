import { z } from 'zod';

/** From the day of arrival to the day of departure: the last night is the one before it. */
export const Nights = z
  .object({ from: z.iso.date(), to: z.iso.date() })
  .refine(({ from, to }) => from < to, 'the day of departure must be after the day of arrival');
export type Nights = z.infer<typeof Nights>;

export const overlap = (one: Nights, other: Nights): boolean => one.from < other.to && other.from < one.to;

export const numberOf = ({ from, to }: Nights): number => (Date.parse(to) - Date.parse(from)) / 86_400_000;
