/** An answer with its status: tests check both. */
export interface Answer<T = any> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

export interface Session {
  readonly email: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

let customers = 0;

/** The shop's REST interface as a customer's program would call it. */
export class Api {
  constructor(
    readonly url: string,
    private readonly token?: string,
  ) {}

  as(session: Pick<Session, 'accessToken'>): Api {
    return new Api(this.url, session.accessToken);
  }

  async call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(this.token === undefined ? {} : { authorization: `Bearer ${this.token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = (response.headers.get('content-type') ?? '').includes('json');
    return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text };
  }

  get(path: string): Promise<Answer> {
    return this.call('GET', path);
  }

  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> {
    return this.call('POST', path, body, headers);
  }

  /** Registers a new customer and logs in. */
  async customer(): Promise<Api> {
    customers += 1;
    const email = `customer-${process.pid}-${Date.now()}-${customers}@example.com`;
    const password = 'a-long-enough-password';
    const registered = await this.post('/api/users', { email, password, name: `Customer ${customers}` });
    if (registered.status !== 201) throw new Error(`registering came to ${registered.status}`);
    return this.login({ email, password });
  }

  async login(credentials: { email: string; password: string }): Promise<Api> {
    const { status, body } = await this.post('/api/auth/login', credentials);
    if (status !== 200) throw new Error(`logging in came to ${status} ${JSON.stringify(body)}`);
    return this.as(body);
  }

  order(token: string, items: { sku: string; quantity: number }[], key?: string): Promise<Answer> {
    return this.post(
      '/api/orders',
      { items, payment: { method: 'card', token } },
      key === undefined ? {} : { 'idempotency-key': key },
    );
  }
}
