import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Metrics, watchReadModels, watchSagas } from '@seam/host';
import { SagaFinder } from '@seam/saga';
import { ReadModels } from './read-models.js';

/** Shows operators how the sagas stand, and how far the read models are behind. */
@Injectable()
export class OrdersMetrics implements OnModuleInit {
  constructor(
    private readonly metrics: Metrics,
    private readonly sagas: SagaFinder,
    private readonly models: ReadModels,
  ) {}

  onModuleInit(): void {
    watchSagas(this.metrics, 'orders', this.sagas);
    watchReadModels(this.metrics, 'orders', this.models.projectors);
  }
}
