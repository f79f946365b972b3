import { Injectable } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';
import { ApiDocument } from '@seam/host';
import { CodedError } from '@seam/kernel';
import { ask } from '../../upstream/collect.js';
import type { Target } from '../../upstream/target.js';
import { Targets } from '../../upstream/targets.js';
import { merge } from './merge-documents.js';

const FRESH_MS = 30_000;
const ANSWER_WITHIN_MS = 3_000;

interface Known {
  document: OpenAPIObject | undefined;
  /** Whether the last attempt to load it succeeded. */
  found: boolean;
  loadedAt: number;
  loading: Promise<void> | undefined;
}

/**
 * The documents of all services as one, each at most half a minute old; for a service that is unavailable, its last
 * known document.
 */
@Injectable()
export class MergedDocument extends ApiDocument {
  private readonly known = new Map<string, Known>();

  constructor(private readonly targets: Targets) {
    super();
  }

  override async complete(own: OpenAPIObject): Promise<OpenAPIObject> {
    const all = [...this.targets.all];
    await Promise.all(all.map((target) => this.refresh(target)));
    const services = all.flatMap(({ name }) => {
      const document = this.known.get(name)?.document;
      return document === undefined ? [] : [{ service: name, document }];
    });
    return merge(
      own,
      services,
      all.flatMap(({ name }) => this.noteOn(name)),
    );
  }

  private noteOn(service: string): string[] {
    const known = this.known.get(service);
    if (known?.found === true) return [];
    const instead = known?.document === undefined ? 'is missing here' : 'is the last known one';
    return [`**The service ${service} does not answer at the moment**: its part of this document ${instead}.`];
  }

  /** Loads a document only once at a time, however many requests need it. */
  private async refresh(target: Target): Promise<void> {
    const known = this.of(target.name);
    if (performance.now() - known.loadedAt < FRESH_MS && known.found) return;
    known.loading ??= this.load(target, known).finally(() => (known.loading = undefined));
    await known.loading;
  }

  private async load(target: Target, known: Known): Promise<void> {
    known.found = false;
    try {
      const { status, body } = await ask(target, { path: '/docs-json', withinMs: ANSWER_WITHIN_MS });
      if (status !== 200 || !isDocument(body)) return;
      known.document = body;
      known.found = true;
      known.loadedAt = performance.now();
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
    }
  }

  private of(service: string): Known {
    let known = this.known.get(service);
    if (known === undefined) {
      known = { document: undefined, found: false, loadedAt: Number.NEGATIVE_INFINITY, loading: undefined };
      this.known.set(service, known);
    }
    return known;
  }
}

const isDocument = (body: unknown): body is OpenAPIObject =>
  typeof body === 'object' && body !== null && 'paths' in body && typeof body.paths === 'object';
