import { providerSuite } from '../ports/payment-provider.suite.js';
import { MemoryProvider } from './memory-provider.js';

describe('the provider that answers from memory', () => {
  let provider: MemoryProvider;
  beforeEach(() => (provider = new MemoryProvider()));

  providerSuite({
    provider: () => provider,
    cards: { captures: 'tok_visa', declines: 'tok_declined' },
    books: () => Promise.resolve(provider.books),
  });
});
