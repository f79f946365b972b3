import { DemoError, STAFF_EMAIL } from './options.js';

export interface Answer<T> {
  readonly status: number;
  readonly body: T;
}

export interface Problem {
  readonly code?: string;
  readonly detail?: string;
}

interface Call {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const ANSWER_WITHIN_MS = 30_000;

/** The shop's REST interface, as one caller. */
export class Shop {
  constructor(
    readonly url: string,
    private readonly token?: string,
  ) {}

  /** Rejects with {@link DemoError} if the shop does not answer. */
  async call<T>(path: string, { method = 'GET', body, headers = {} }: Call = {}): Promise<Answer<T>> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(this.token === undefined ? {} : { authorization: `Bearer ${this.token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    }).catch((error: unknown) => {
      throw new DemoError(`No shop answers at ${this.url} (${reasonOf(error)}). Start one with npm start.`);
    });
    const text = await response.text();
    const isJson = (response.headers.get('content-type') ?? '').includes('json');
    return { status: response.status, body: (isJson ? JSON.parse(text) : text) as T };
  }

  /** The body of an answer, which must be a success. */
  async get<T>(path: string): Promise<T> {
    return this.expect(path, await this.call<T & Problem>(path));
  }

  async post<T>(path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<T> {
    const call = { method: 'POST', body, ...(headers === undefined ? {} : { headers }) };
    return this.expect(path, await this.call<T & Problem>(path, call));
  }

  private expect<T>(path: string, { status, body }: Answer<T & Problem>): T {
    if (status < 300) return body;
    throw new DemoError(`${path} came to ${status} ${body.code ?? ''}: ${body.detail ?? 'this is no Seam shop'}`);
  }

  /** Rejects with {@link DemoError} unless a shop answers and is ready. */
  async ready(): Promise<void> {
    const { status, body } = await this.call<{ status?: string }>('/health/ready');
    if (typeof body !== 'object') throw new DemoError(`What answers at ${this.url} is no Seam shop.`);
    if (status !== 200) throw new DemoError(`The shop at ${this.url} is not ready: ${body.status ?? status}.`);
  }

  async login(email: string, password: string): Promise<Shop> {
    const { accessToken } = await this.post<{ accessToken: string }>('/api/auth/login', { email, password });
    return new Shop(this.url, accessToken);
  }

  async loginAsStaff(password: string): Promise<Shop> {
    const { status, body } = await this.call<Problem & { accessToken: string }>('/api/auth/login', {
      method: 'POST',
      body: { email: STAFF_EMAIL, password },
    });
    if (status === 200) return new Shop(this.url, body.accessToken);
    throw new DemoError(`The shop does not know this password of ${STAFF_EMAIL} (${status} ${body.code ?? ''}).`);
  }

  /** A new customer, logged in. */
  async customer(name: string): Promise<Shop> {
    const email = `demo-${crypto.randomUUID()}@example.org`;
    const password = crypto.randomUUID();
    await this.post('/api/users', { email, password, name });
    return this.login(email, password);
  }
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code;
  return cause instanceof Error ? cause.message : String(cause);
}
