import type { RegistryStatus } from '../discovery.js';

/** Whether the registry answers, as seen by all callers; each change is logged once. */
export class RegistryLink {
  private state: RegistryStatus['state'] = 'up';
  private since = new Date();

  constructor(
    private readonly place: string,
    private readonly log: (line: string) => void,
  ) {}

  up(): void {
    this.become('up', `${this.place} answers again`);
  }

  away(reason: unknown): void {
    this.become(
      'away',
      `${this.place} does not answer (${reasonOf(reason)}): continuing with the instances known so far`,
    );
  }

  status(): RegistryStatus {
    return { kind: 'consul', state: this.state, since: this.since };
  }

  private become(state: RegistryStatus['state'], line: string): void {
    if (state === this.state) return;
    this.state = state;
    this.since = new Date();
    this.log(line);
  }
}

/** The reason in a few words; if several addresses failed, that of the first. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  return error.message === '' ? (code ?? error.name) : error.message;
}
