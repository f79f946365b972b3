import { Controller, Get, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { Metrics } from '@seam/process';
import { Public } from '@seam/security';
import type { Response } from 'express';

@ApiTags('operations')
@Controller('metrics')
export class MetricsController {
  constructor(private readonly metrics: Metrics) {}

  @Get()
  @Public({ token: 'ignored' })
  @ApiProduces('text/plain')
  @ApiOperation({ summary: 'Metrics in the text format of Prometheus' })
  async read(@Res() response: Response): Promise<void> {
    response.type(this.metrics.contentType).send(await this.metrics.text());
  }
}
