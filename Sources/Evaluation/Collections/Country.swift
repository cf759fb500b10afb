/// Countries as the paper groups them (section 6, table 1): by region and by the World Bank's income level.
public struct Country: Sendable, Equatable {
  /// Three letters of ISO 3166-1; `XKX` for Kosovo and `CHI` for the Channel Islands, as the World Bank writes them.
  public let code: String
  /// Where it lies.
  public let region: Region
  /// How much people earn.
  public let income: Income

  /// The paper's regions.
  public enum Region: String, Sendable, CaseIterable {
    case africa = "Africa"
    case asiaAndOceania = "Asia & Oceania"
    case europe = "Europe"
    case latinAmerica = "Latin America & Caribbean"
    case northAmerica = "North America"
  }

  /// The World Bank's levels of 2022, both middle ones together.
  public enum Income: String, Sendable, CaseIterable {
    case high = "high income"
    case middle = "middle income"
    case low = "low income"
  }

  /// A country by its three letters; nil for one that is not known.
  public init?(_ code: String) {
    let code = code.uppercased()
    guard let region = Self.regions[code] else { return nil }
    self.code = code
    self.region = region
    income = Self.high.contains(code) ? .high : Self.low.contains(code) ? .low : .middle
  }

  /// How many there are in a region, or of an income.
  static func count(_ isWanted: (Country) -> Bool) -> Int {
    regions.keys.compactMap(Country.init).count(where: isWanted)
  }

  private static let regions: [String: Region] = {
    let codes: [(Region, String)] = [
      (
        .africa,
        "DZA AGO BEN BWA BFA BDI CPV CMR CAF TCD COM COD COG CIV DJI EGY GNQ ERI SWZ ETH GAB GMB GHA GIN GNB KEN LSO LBR LBY MDG MWI MLI MRT MUS MAR MOZ NAM NER NGA RWA STP SEN SYC SLE SOM ZAF SSD SDN TZA TGO TUN UGA ZMB ZWE"
      ),
      (
        .asiaAndOceania,
        "AFG ARM ASM AUS AZE BHR BGD BTN BRN KHM CHN CYP FJI PYF GEO GUM HKG IND IDN IRN IRQ ISR JPN JOR KAZ KIR PRK KOR KWT KGZ LAO LBN MAC MYS MDV MHL FSM MNG MMR NRU NPL NCL NZL MNP OMN PAK PLW PNG PHL QAT WSM SAU SGP SLB LKA SYR TJK THA TLS TON TKM TUR TUV ARE UZB VUT VNM PSE YEM TWN"
      ),
      (
        .europe,
        "ALB AND AUT BLR BEL BIH BGR CHI HRV CZE DNK EST FRO FIN FRA DEU GIB GRC HUN ISL IRL IMN ITA XKX LVA LIE LTU LUX MLT MDA MCO MNE NLD MKD NOR POL PRT ROU RUS SMR SRB SVK SVN ESP SWE CHE UKR GBR"
      ),
      (
        .latinAmerica,
        "ATG ARG ABW BHS BRB BLZ BOL BRA VGB CYM CHL COL CRI CUB CUW DMA DOM ECU SLV GRD GTM GUY HTI HND JAM MEX NIC PAN PRY PER PRI KNA LCA MAF VCT SXM SUR TTO TCA URY VEN VIR"
      ), (.northAmerica, "BMU CAN GRL USA"),
    ]
    var regions: [String: Region] = [:]
    for (region, list) in codes {
      for code in list.split(separator: " ") { regions[String(code)] = region }
    }
    return regions
  }()

  private static let high = Set(
    "AND ATG ABW AUS AUT BHS BHR BRB BEL BMU VGB BRN CAN CYM CHI CHL HRV CUW CYP CZE DNK EST FRO FIN FRA PYF DEU GIB GRC GRL GUM HKG HUN ISL IRL IMN ISR ITA JPN KOR KWT LVA LIE LTU LUX MAC MLT MCO NRU NLD NCL NZL MNP NOR OMN PAN POL PRT PRI QAT ROU SMR SAU SYC SGP SXM SVK SVN ESP KNA MAF SWE CHE TWN TTO TCA ARE GBR USA URY VIR"
      .split(separator: " ").map(String.init))

  private static let low = Set(
    "AFG BFA BDI CAF TCD COD ERI ETH GMB GIN GNB PRK LBR MDG MWI MLI MOZ NER RWA SLE SOM SSD SDN SYR TGO UGA YEM ZMB"
      .split(separator: " ").map(String.init))
}
