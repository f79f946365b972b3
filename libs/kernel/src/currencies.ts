/**
 * The currencies people pay in, and how many decimals each has: ISO 4217, list one, as amended up to January 2026,
 * without its funds codes, metals, units of account and test codes. Not taken from `Intl`, which knows currencies that
 * do not exist any more, and for some (IQD, LBP) has the decimals in use instead of the standard's.
 */
const BY_DECIMALS: Readonly<Record<0 | 2 | 3, string>> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF',
  2:
    'AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP ' +
    'CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES ' +
    'KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK ' +
    'NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB ' +
    'TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG',
  3: 'BHD IQD JOD KWD LYD OMR TND',
};

const decimals: ReadonlyMap<string, number> = new Map(
  Object.entries(BY_DECIMALS).flatMap(([digits, codes]) => codes.split(' ').map((code) => [code, Number(digits)])),
);

export const isCurrency = (code: string): boolean => decimals.has(code);

/** How many of an amount's last digits are decimals: 2 of EUR, 0 of JPY, 3 of KWD; 2 for an unknown code. */
export const decimalsOf = (currency: string): number => decimals.get(currency) ?? 2;
