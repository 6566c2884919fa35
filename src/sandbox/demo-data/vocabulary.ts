/** Words that the made-up company's records are made of. Domains end in `.example`, which nobody can register. */

export const ownDomain = 'harbourline.example';

export const freeMailDomains = ['freemail.example', 'webpost.example', 'inbox.example'];
export const competitorDomains = ['gridcrew.example', 'routemaven.example'];
export const universityDomains = ['northfield-university.example', 'lakeside-college.example'];

export const firstNames = (
  'Ada Aisha Alba Alejandro Amara Anders Anika Anton Astrid Aylin Bao Bea Bruno Carla Chidi Clara Dario Deepa Diego Edda ' +
  'Elif Emeka Enzo Esther Fatima Felix Freya Gael Greta Hana Haruto Hugo Imani Ines Ivo Jana Jasper Joao Jun Kaja Karim ' +
  'Keiko Kofi Lara Leon Liam Linh Luca Maeve Mateo Mei Milan Mina Nadia Nils Noor Olga Omar Otto Paula Petra Priya Rafael ' +
  'Ravi Renée Rosa Samir Sara Sofía Stellan Tariq Tess Tomas Uma Vera Viktor Wanda Yara Yusuf Zofia'
).split(' ');

export const lastNames = (
  'Abara Adeyemi Almeida Andersson Arslan Bakker Banerjee Baptiste Becker Bianchi Castillo Chaudhry Chen Costa Dahl Dalgaard ' +
  'Delgado Demir Dubois Eriksen Esposito Farouk Fischer Fontaine Fraser Gallo Garcia Greco Gupta Haddad Hansen Haugen Herrera ' +
  'Hoffmann Ibrahim Ito Ivanova Jensen Johansson Joshi Kaya Keller Khan Kim Kowalski Kuznetsova Laurent Lindqvist Lopez Mahlangu ' +
  "Marino Mbeki Mendes Meyer Moreau Müller Nakamura Nguyen Nowak O'Brien Okafor Olsen Osei Papadopoulos Park Patel Pereira " +
  'Petrov Quist Rahman Reyes Ricci Rossi Sato Schneider Silva Singh Sørensen Suzuki Tanaka Torres Vargas Virtanen Wagner Weber ' +
  'Yamamoto Yilmaz Zhang Zimmermann'
).split(' ');

export const companyFirstWords = (
  'Alder Amber Anchor Arctic Ashford Aspen Beacon Birch Blackwater Bluff Bridgeport Brightside Canal Cedar Cinder Clearbrook ' +
  'Coastal Copper Cranfield Crestline Delta Dunmore Eastgate Elmwood Ember Fairhaven Falcon Fernhill Foxglove Granite Greenfield ' +
  'Hartwell Hazel Heron Highland Holloway Ironside Juniper Kestrel Kingsley Larkspur Linden Longmeadow Maple Marlow Meridian ' +
  'Millbrook Moorland Northgate Oakridge Orchard Osprey Pinecrest Quarry Ravenhill Redwood Ridgeway Riverton Rowan Saltmarsh ' +
  'Silverbirch Stonebridge Summit Sycamore Thornbury Tidewell Valley Vantage Westbrook Willow Windmere Woodstock Yarrow'
).split(' ');

export interface Industry {
  readonly name: string;
  readonly share: number;
  readonly companyWords: readonly string[];
}

export const industries: readonly Industry[] = [
  { name: 'facilities', share: 12, companyWords: ['Facilities', 'Building Services', 'Cleaning & Care'] },
  { name: 'utilities', share: 9, companyWords: ['Water', 'Energy', 'Power Networks'] },
  { name: 'telecom', share: 7, companyWords: ['Telecom', 'Fibre', 'Networks'] },
  { name: 'construction', share: 13, companyWords: ['Construction', 'Builders', 'Roofing, Inc.'] },
  { name: 'logistics', share: 12, companyWords: ['Freight', 'Logistics', 'Parcel'] },
  { name: 'manufacturing', share: 13, companyWords: ['Tools', 'Machines', 'Works'] },
  { name: 'retail', share: 12, companyWords: ['Stores', 'Outfitters', 'Market'] },
  { name: 'agency', share: 9, companyWords: ['Studio', 'Media', 'Partners'] },
  { name: 'nonprofit', share: 5, companyWords: ['Foundation', 'Trust', 'Relief'] },
  { name: 'education', share: 8, companyWords: ['Academy', 'Schools', 'Learning'] },
];

export interface Role {
  readonly title: string;
  readonly seniority: string;
  readonly department: string;
  readonly share: number;
}

export const roles: readonly Role[] = [
  { title: 'Chief Operating Officer', seniority: 'cxo', department: 'operations', share: 3 },
  { title: 'Founder', seniority: 'cxo', department: 'operations', share: 2 },
  { title: 'VP Field Service', seniority: 'vp', department: 'service', share: 3 },
  { title: 'Director of Operations', seniority: 'director', department: 'operations', share: 6 },
  { title: 'Director, Customer Service', seniority: 'director', department: 'service', share: 4 },
  { title: 'IT Director', seniority: 'director', department: 'it', share: 3 },
  { title: 'Finance Director', seniority: 'director', department: 'finance', share: 2 },
  { title: 'Operations Manager', seniority: 'manager', department: 'operations', share: 10 },
  { title: 'Service Manager', seniority: 'manager', department: 'service', share: 7 },
  { title: 'IT Manager', seniority: 'manager', department: 'it', share: 6 },
  { title: 'Purchasing Manager', seniority: 'manager', department: 'procurement', share: 4 },
  { title: 'Marketing Manager', seniority: 'manager', department: 'marketing', share: 5 },
  { title: 'HR Manager', seniority: 'manager', department: 'hr', share: 3 },
  { title: 'Senior Dispatcher', seniority: 'senior', department: 'operations', share: 7 },
  { title: 'Systems Engineer', seniority: 'senior', department: 'it', share: 7 },
  { title: 'Dispatcher', seniority: 'individual', department: 'operations', share: 9 },
  { title: 'Service Technician', seniority: 'individual', department: 'service', share: 9 },
  { title: 'Accountant', seniority: 'individual', department: 'finance', share: 5 },
  { title: 'Marketing Specialist', seniority: 'individual', department: 'marketing', share: 6 },
  { title: 'Recruiter', seniority: 'individual', department: 'hr', share: 4 },
  { title: 'Marketing Intern', seniority: 'intern', department: 'marketing', share: 3 },
  { title: 'Operations Intern', seniority: 'intern', department: 'operations', share: 2 },
];

export const productFeatures: readonly string[] = [
  'schedule',
  'dispatch',
  'mobile_app',
  'reports',
  'route_planning',
  'invoicing',
  'integrations',
  'api',
];

export const browsers: readonly string[] = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) Safari/605.1.15',
  'Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Firefox/127.0',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5) Mobile/15E148',
];

export const botAgents = {
  crawler: 'Mozilla/5.0 (compatible; PageSpider/3.1; +https://pagespider.example/bot)',
  monitor: 'UptimeLantern/1.4 (monitoring)',
} as const;
