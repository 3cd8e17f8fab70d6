//! Names of invented people.

pub(crate) const INDIAN_WOMEN: &str = "Asha Meera Sunita Lakshmi Laxmi Priya Kavita Anjali Deepa Dipa Farida Geeta Gita Harpreet Indira \
    Jyoti Kamala Leela Nandini Padma Rekha Sarita Śānti Uma Vidya Zoya Ānandī Amita Anita Vinita Savita Neha Nisha Pooja Puja Rani \
    Ritu Roopa Seema Sima Shobha Smita Sneha Sudha Sushma Swati Tara Usha Vandana Veena Vina Kalpana Kiran Komal Madhuri Manju \
    Mamta Nirmala Pallavi Poonam Pushpa Radha Rajani Renu Rina Reena Shalini Sharmila Shweta Sangeeta Saroja Ayesha Fatima Nasreen \
    Shabana Gurpreet Simran Bhavna Chitra Hema Jaya Kusum Lata Malini";
pub(crate) const INDIAN_MEN: &str = "Ravi Vikram Arjun Suresh Farhan Gopal Harish Imran Jagdish Kiran Mahesh Naveen Navin Om Prakash Rāmesh \
    Sanjay Tarun Uday Vijay Yusuf Anil Balbir Chetan Dinesh Ajay Amit Arun Varun Ashok Bharat Deepak Dipak Ganesh Girish Gaurav \
    Hemant Jayesh Karan Kunal Lokesh Manoj Mohan Mukesh Naresh Nikhil Nitin Pankaj Pradeep Pradip Rahul Rajesh Rajeev Rakesh Ramesh \
    Rohan Roshan Rohit Sachin Sandeep Satish Shankar Shyam Sunil Surendra Umesh Vinod Vivek Yogesh Abdul Aslam Irfan Mohammed Mohd \
    Salim Gurpreet Harpreet Manjeet Krishna Rama Nanda Srinivas Venkatesh Murali Raghav Siddharth Ishaan Kabir";
pub(crate) const INDIAN_LAST: &str = "Rao Iyer Nair Sharma Patel Kulkarni Deshpande Singh Qureshi Reddy Banerjee Mukherjee Fernandes D'Souza \
    Khan Gupta Joshi Menon Pillai Chaudhary Chowdhury Bose Kaur Śāstrī Verma Varma Shah Mehta Desai Agarwal Bansal Jain Kapoor Malhotra \
    Chopra Bhatt Trivedi Dixit Dikshit Mishra Misra Pandey Tiwari Dubey Yadav Chauhan Thakur Rathore Shetty Hegde Kamath Naidu Raju \
    Subramanian Krishnan Raman Swamy Ghosh Das Sen Dutta Chatterjee Ganguly Sarkar Ansari Sheikh Pathan Siddiqui Pereira Thomas Mathew \
    Varghese Gill Sandhu Bedi Ahluwalia Pawar Jadhav Shinde Gaikwad Bhosale More Patil";
pub(crate) const US_WOMEN: &str = "Emily Zoë Renée Hannah Maria Ana-Lucía Grace Olivia Sophia Chloé Linda Karen Dolores Inés Ruth Alice Beth \
    Carol Diane Jessica Ashley Amanda Sarah Megan Rachel Nicole Laura Katherine Catherine Rebecca Michelle Kimberly Angela Melissa \
    Heather Stephanie Elizabeth Lauren Victoria Samantha";
pub(crate) const US_MEN: &str = "José Michael James Björn Robert William David André Thomas Carlos Daniel Matthew Jean-Luc Kevin Brian Łukasz \
    Eric Walter Henry Samuel John Christopher Joshua Andrew Joseph Ryan Jason Justin Brandon Stephen Steven Patrick Gregory Kenneth \
    Edward George Timothy Ronald Jeffrey Scott";
pub(crate) const US_LAST: &str = "Carter Muñoz O'Brien Smith Johnson García Müller Brennan Novák Peterson Dvořák Washington Lee Nguyen \
    Hernández Baker Cooper Young Williams Brown Jones Miller Davis Wilson Anderson Taylor Moore Jackson Martin Thompson White Harris \
    Clark Lewis Robinson Walker Hall Allen King Wright Lopez Hill Green Adams Nelson Mitchell Perez Roberts Turner Phillips Campbell \
    Parker Evans Edwards Collins Stewart Morris Rogers Reed Cook";

/// Those of the above that are one name: nobody gives it to two children.
pub(crate) const ONE_NAME: [(&str, &str); 14] = [
    ("Lakshmi", "Laxmi"),
    ("Deepa", "Dipa"),
    ("Geeta", "Gita"),
    ("Pooja", "Puja"),
    ("Seema", "Sima"),
    ("Veena", "Vina"),
    ("Reena", "Rina"),
    ("Naveen", "Navin"),
    ("Deepak", "Dipak"),
    ("Pradeep", "Pradip"),
    ("Mohammed", "Mohd"),
    ("Rāmesh", "Ramesh"),
    ("Katherine", "Catherine"),
    ("Stephen", "Steven"),
];
